"""The code of docs/jobs.md runs: the app in the test host, the rest as it stands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from running import PATIENCE_S, ask, make_folders, running, until_ready
from sidecar_bridge.testing import FakeHost
from snippets import ROOT, blocks_of

PAGE = ROOT / "docs/jobs.md"
FULLSTACK = ROOT / "examples/fullstack"
CODE = {block.file: block.text for block in blocks_of(PAGE) if block.kind.startswith("run")}
IN_MEMORY = CODE["work.py"].replace('Jobs(lambda: paths().data / "jobs.db")', "Jobs()")
LIMIT_S = 120


def run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def test_every_block_of_code_runs() -> None:
    assert [block.language for block in blocks_of(PAGE) if not block.kind.startswith("run")] == ["console"]


def test_the_app_trains(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_folders(tmp_path)
    # Tauri's `appData` is below.
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    for name in ("work.py", "main.py"):
        (tmp_path / "sidecar" / name).write_text(CODE[name])
    (tmp_path / "home").mkdir()
    spawn = {"command": ["python3", "main.py"], "cwd": "$RESOURCE/sidecar"}
    with running(tmp_path, spawn) as states:
        until_ready(states)
        job: Any = ask(tmp_path, "/jobs/train", "POST")
        assert job["name"] == "train"
        end = time.monotonic() + PATIENCE_S
        while job["state"] != "done":
            assert time.monotonic() < end, job
            job = ask(tmp_path, f"/jobs/{job['id']}")
        assert job["result"] == {"name": "small", "loss": 0.5**10}
        told = str(ask(tmp_path, f"/jobs/{job['id']}/events", parse=str))
        (update,) = [json.loads(line.removeprefix("data: ")) for line in told.splitlines() if line.startswith("data: ")]
        assert [line["text"] for line in update["logs"]] == [f"epoch {n}" for n in range(10)]
    assert len(list((tmp_path / "home").glob("*/jobs.db"))) == 1


def test_uvicorn_and_curl_are_enough(tmp_path: Path) -> None:
    (tmp_path / "work.py").write_text(CODE["work.py"].replace('lambda: paths().data / "jobs.db"', '"jobs.db"'))
    (tmp_path / "main.py").write_text(CODE["main.py"])
    server = subprocess.Popen([sys.executable, "-m", "uvicorn", "main:app", "--uds", "jobs.sock"], cwd=tmp_path)
    try:
        end = time.monotonic() + PATIENCE_S
        while not (tmp_path / "jobs.sock").exists():
            assert server.poll() is None
            assert time.monotonic() < end, "uvicorn does not serve"
            time.sleep(0.05)
        said = run(["sh", "-ec", CODE["try.sh"]], tmp_path)
    finally:
        server.terminate()
        server.wait(LIMIT_S)
    submitted, end_of_first = json.JSONDecoder().raw_decode(said)
    ((listed),) = json.loads(said[end_of_first:])
    shown: Any = json.loads(CODE["job.json"])
    assert (submitted["id"], submitted["name"]) == (listed["id"], "train")
    assert (list(shown), list(shown["progress"])) == (list(listed), list(listed["progress"]))


def test_python_awaits_and_waits(tmp_path: Path) -> None:
    (tmp_path / "work.py").write_text(IN_MEMORY)
    (tmp_path / "use.py").write_text(CODE["use.py"])
    said = run([sys.executable, "use.py"], tmp_path).splitlines()
    assert said[-3].startswith("done 1.0")
    assert said[-2:] == ["name='small' loss=0.125 name='small' loss=0.125", "['done', 'done']"]


def test_a_function_exports(tmp_path: Path) -> None:
    (tmp_path / "export.py").write_text(CODE["export.py"])
    use = "from export import *; jobs.open(); print(export.submit(Path('out.txt'), 3).result(60)); jobs.close()"
    assert run([sys.executable, "-c", use], tmp_path) == "out.txt\n"
    assert (tmp_path / "out.txt").read_text() == "0\n1\n2\n"


def test_queues_are_made(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.py").write_text(CODE["elsewhere.py"])
    (tmp_path / "use.py").write_text(
        "from elsewhere import jobs\n\n"
        "@jobs.job(queue='downloads')\ndef one(job): return 1\n\n"
        "with jobs: print(one.submit().result(60))\n"
    )
    assert run([sys.executable, "use.py"], tmp_path) == "1\n"


def test_jobs_have_manners(tmp_path: Path) -> None:
    """Also where there is no login manager: a job runs, and a warning says what does not."""
    (tmp_path / "manners.py").write_text(CODE["manners.py"])
    (tmp_path / "use.py").write_text(
        "from pathlib import Path\nfrom manners import back_up, convert, jobs\n"
        "from sidecar_bridge.jobs import _power\n\n"
        # A test has no charger to plug in.
        "_power.is_on_battery = lambda: False\n"
        "if __name__ == '__main__':\n"
        "    path = Path('use.py')\n"
        "    with jobs: print(convert.submit(Path('a.mov')).result(60), back_up.submit(path).result(60) > 0)\n"
    )
    assert run([sys.executable, "use.py"], tmp_path) == "a.mp4 True\n"


def test_the_desktop_shows_them(fake_host: FakeHost) -> None:
    names: dict[str, Any] = {}
    exec(compile(CODE["shown.py"], str(PAGE), "exec", dont_inherit=True), names)
    jobs = names["jobs"]
    jobs._core.lanes["default"]._make = ThreadPoolExecutor
    fake_host.answers("plugin:window|set_progress_bar")
    with jobs:
        jobs.job(name="one")(lambda job: job.progress(1, 2)).submit().result(LIMIT_S)
        fake_host.wait_until(lambda: fake_host.args_of("plugin:window|set_progress_bar"))


def test_the_python_passes_mypy_and_ruff(tmp_path: Path) -> None:
    for name, text in CODE.items():
        if name.endswith(".py"):
            (tmp_path / name).write_text(text)
    config = str(ROOT / "python/pyproject.toml")
    # Dask has types in part.
    mypy = ["mypy", "--strict", "--untyped-calls-exclude", "distributed", "--config-file", config]
    run([*mypy, str(tmp_path)], tmp_path)
    run(["ruff", "format", "--check", "--config", str(ROOT / "ruff.toml"), str(tmp_path)], tmp_path)


def test_the_page_follows(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "node_modules").symlink_to(FULLSTACK / "node_modules")
    (tmp_path / "package.json").write_text('{ "type": "module" }')
    # There may be one React only, and the package's folder has another one for its own tests.
    config = 'export default { resolve: { dedupe: ["react", "react-dom"] } };'
    (tmp_path / "vite.config.ts").write_text(config)
    (tmp_path / "tsconfig.json").write_text((FULLSTACK / "tsconfig.json").read_text())
    job = {"id": "7", "name": "train", "state": "running", "progress": {"fraction": 0.5, "stage": "", "restMs": None}}
    done = {**job, "state": "done", "result": {"name": "small", "loss": 0.5}}
    one = "".join(f"data: {json.dumps({'job': each, 'logs': []})}\n\n" for each in (job, done))
    many = f"data: {json.dumps({'ids': ['7'], 'jobs': [job]})}\n\n"
    for name in ("src/train.ts", "src/Training.tsx"):
        (tmp_path / name).write_text(CODE[name])
    (tmp_path / "src/train.test.tsx").write_text(
        f"""
        import {{ mockSidecar }} from "tauri-plugin-sidecar-bridge-api/testing";
        import {{ act }} from "react";
        import {{ createRoot }} from "react-dom/client";
        import {{ expect, test, vi }} from "vitest";
        import {{ train }} from "./train";
        import {{ Training }} from "./Training";

        const headers = {{ "content-type": "text/event-stream" }};

        test("the page follows a job", async () => {{
          mockSidecar({{
            routes: {{
              "POST /jobs/train": () => Response.json({json.dumps(job)}, {{ status: 202 }}),
              "GET /jobs/7/events": () => new Response({json.dumps(one)}, {{ headers }}),
            }},
          }});
          const seen: string[] = [];
          const result = await train(3, (job) => seen.push(job.state), AbortSignal.timeout(5_000));
          expect(result).toEqual({{ name: "small", loss: 0.5 }});
          expect(seen).toEqual(["running", "done"]);
        }});

        test("a component shows the jobs", async () => {{
          vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
          mockSidecar({{ routes: {{ "GET /jobs/events": () => new Response({json.dumps(many)}, {{ headers }}) }} }});
          const page = document.createElement("div");
          const root = createRoot(page);
          await act(async () => root.render(<Training />));
          await vi.waitFor(() => act(async () => {{
            expect(page.querySelector("[role=progressbar]")?.getAttribute("aria-valuenow")).toBe("50");
          }}));
          await act(async () => root.unmount());
        }});
        """
    )
    environment = os.environ | {"CI": "1"}
    for command in (["tsc", "--noEmit"], ["vitest", "run", "--environment", "happy-dom"]):
        done_ = subprocess.run(
            [f"node_modules/.bin/{command[0]}", *command[1:]],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        assert done_.returncode == 0, f"{done_.stdout}\n{done_.stderr}"
