"""A spare: what it imports, how it waits, when it says that it is of no use, and what it is once it is called."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import LazyLoader, find_spec, module_from_spec
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO

import pytest
from hosts import LIMIT_S, Dialled, Fifo, HostProcess, without_host

from sidecar_bridge import BridgeError, get_host, paths
from sidecar_bridge._serve.fitness import Sources
from sidecar_bridge._serve.imported import environment, imported, program_words

SAY = """
import os
def say(line):
    with open(os.environ["SAID"], "a") as fifo:
        fifo.write(f"{line}\\n")
"""

AHEAD = ["-m", "sidecar_bridge._serve.ahead"]


class Spare:
    """A spare whose host is the test, and where it has its modules."""

    def __init__(self, directory: Path) -> None:
        self.own = directory / "app"
        self.others = directory / "site-packages"
        self.host = Dialled(directory)
        self._fifo = Fifo(directory / "said")
        self._line: socket.socket | None = None
        self._words: BinaryIO | None = None
        self._process: subprocess.Popen[str] | None = None
        for folder in (self.own, self.others):
            folder.mkdir()

    def write(self, name: str, text: str) -> None:
        """Write a file, `app/…` or `site-packages/…`, before anything starts."""
        path = self.own.parent / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        # As of a package that was installed some time ago.
        long_ago = time.time() - 3600
        os.utime(path, (long_ago, long_ago))

    def start(self, *words: str, what: str, path: str = "", **brief: object) -> None:
        """Start it as the host does, with that folder on its path, and give it its brief."""
        own = {"SIDECAR_BRIDGE": self.host.address, "SIDECAR_BRIDGE_STANDBY": what, "SAID": str(self._fifo.path)}
        self._process = subprocess.Popen(
            [sys.executable, *words],
            cwd=self.own,
            env={**without_host(PYTHONPATH=f"{self.others}:{path}"), **own},
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._line = self.host.accept()
        self._words = self._line.makefile("rb")
        sources = [str(self.own)]
        told = {"protocol": 2, "startedMs": int(time.time() * 1000), "imports": [], "sources": sources, **brief}
        self.say(json.dumps(told))

    def say(self, word: str) -> None:
        assert self._line is not None
        self._line.sendall(word.encode() + b"\n")

    def word(self) -> str:
        """Give what it says next on its line."""
        assert self._words is not None
        return self._words.readline().decode().rstrip()

    def call(self) -> None:
        """Call it, and let it go."""
        self.say("call")
        assert self.word() == "fit"
        self.say("go")

    def heard(self) -> str:
        """Give what the program says next."""
        return self._fifo.read_line().decode()

    def ended(self) -> tuple[int, str]:
        """Wait for its end, and give the exit code and what it wrote to stderr."""
        assert self._process is not None
        _, errors = self._process.communicate(timeout=LIMIT_S)
        return self._process.returncode, errors

    def hang_up(self) -> None:
        """End the line, as a host does that is killed."""
        assert self._line is not None
        assert self._words is not None
        self._words.close()
        self._line.close()

    def close(self) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.communicate()
            self.hang_up()
        self._fifo.close()
        self.host.close()


@pytest.fixture
def spare(tmp_path: Path) -> Iterator[Spare]:
    spare = Spare(tmp_path)
    yield spare
    spare.close()


def test_imports_come_ahead_and_the_program_is_read_when_it_is_called(spare: Spare) -> None:
    spare.write("site-packages/heavy.py", SAY + "say('heavy')")
    spare.write("site-packages/lacking.py", "raise ImportError('it wants settings first')")
    spare.write("app/own.py", "VALUE = 'before'")
    main = "import heavy, os, own, sys\nheavy.say(f'{own.VALUE} {sys.argv} {__name__} {sys.orig_argv[1:]}')\n"
    spare.write("app/main.py", main + "heavy.say([sys.path[0], 'SIDECAR_BRIDGE_STANDBY' in os.environ])")
    spare.start(*AHEAD, "main.py", "--fast", what="imports", imports=["lacking", "heavy"])
    assert spare.heard() == "heavy"
    assert spare.word() == "waiting"
    spare.write("app/own.py", "VALUE = 'after the call'")
    spare.call()
    assert spare.heard() == "after the call ['main.py', '--fast'] __main__ ['main.py', '--fast']"
    assert spare.heard() == str([str(spare.own), False])
    assert spare.ended() == (0, "")


def test_a_module_is_run_as_python_runs_it(spare: Spare) -> None:
    spare.write("app/program.py", SAY + "import sys; say([sys.argv[1:], __spec__.name, sys.path[0], __name__])")
    spare.start(*AHEAD, "-m", "program", "x", what="imports")
    assert spare.word() == "waiting"
    spare.call()
    assert spare.heard() == str([["x"], "program", str(spare.own), "__main__"])
    assert spare.ended() == (0, "")


SERVE = """
import asyncio
from contextlib import asynccontextmanager
from sidecar_bridge import get_host, paths, serve
say(f"imported, with {paths().data}")
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        say("lifespan")
        await send({"type": "lifespan.startup.complete"})
        await receive()
"""


def test_the_app_is_imported_ahead_and_its_lifespan_waits(spare: Spare) -> None:
    spare.write("app/served.py", SAY + SERVE)
    spare.write("app/main.py", "from sidecar_bridge import serve\nserve('served:app')")
    spare.start("main.py", what="app", directories={"appData": "/home/ada/data"})
    assert spare.heard() == "imported, with /home/ada/data"
    assert spare.word() == "waiting"
    spare.call()
    lease = spare.host.give_lease()
    assert spare.host.roles == ["standby", "serve"]
    assert spare.heard() == "lifespan"
    lease.close()


def test_what_the_last_generation_imported_while_it_served_comes_after_the_app(spare: Spare) -> None:
    spare.write("site-packages/late.py", SAY + "say('late')")
    spare.write("app/served.py", SAY + SERVE)
    spare.write("app/main.py", "from sidecar_bridge import serve\nserve('served:app')")
    spare.start("main.py", what="app", imports=["late"], directories={"appData": "/home/ada/data"})
    assert spare.heard().startswith("imported")
    assert spare.heard() == "late"
    assert spare.word() == "waiting"


def test_a_program_finds_what_is_beside_it_from_another_folder_too(spare: Spare) -> None:
    spare.write("app/main.py", SAY + "os.chdir('/'); say([__file__, os.path.exists(__file__)])")
    spare.start(*AHEAD, "main.py", what="imports")
    assert spare.word() == "waiting"
    spare.call()
    assert spare.heard() == str([str(spare.own / "main.py"), True])


def test_a_launcher_that_drops_what_comes_before_the_program_is_told(spare: Spare) -> None:
    spare.write("app/main.py", "from sidecar_bridge import serve\nserve(lambda scope, receive, send: None)")
    # As a script does that ignores its arguments.
    spare.start("main.py", what="imports")
    word = spare.word()
    assert word.startswith("unfit what the host put before the program, `-m sidecar_bridge._serve.ahead`, was not run")
    assert spare.ended()[0] == 69


FORBIDDEN = {
    "thread": ("import threading; threading.Thread(target=input, daemon=True, name='poller').start()", "`poller`"),
    "file": ("kept = open('log.txt', 'a')", "log.txt to write to it"),
    "socket": ("import socket; kept = socket.create_server(('127.0.0.1', 0))", "opens a socket"),
    "process": ("import subprocess; kept = subprocess.Popen(['sleep', '60'], stderr=-3)", "starts a process"),
}


@pytest.mark.parametrize(("text", "said"), FORBIDDEN.values(), ids=FORBIDDEN)
def test_what_no_second_process_may_have_is_told_with_who_made_it(spare: Spare, text: str, said: str) -> None:
    spare.write("site-packages/rude.py", text.replace("input", "__import__('time').sleep, args=(60,)"))
    spare.write("app/main.py", "")
    spare.start(*AHEAD, "main.py", what="imports", imports=["rude"])
    word = spare.word()
    assert word.startswith("unfit the import of `rude` ")
    assert said in word
    assert word.endswith("name it in `spawn.standbyWithout`")
    assert spare.ended()[0] == 69


def test_an_app_that_starts_a_thread_is_no_spare(spare: Spare) -> None:
    thread = (
        "import threading, time; threading.Thread(target=time.sleep, args=(60,), daemon=True, name='poller').start()"
    )
    spare.write("app/main.py", f"from sidecar_bridge import serve\n{thread}\nserve(lambda scope, receive, send: None)")
    spare.start("main.py", what="app")
    assert spare.word() == "unfit what runs before `serve` starts the thread `poller`"
    assert spare.ended()[0] == 69


def test_what_harms_nobody_is_allowed(spare: Spare) -> None:
    lines = [
        "import asyncio, os, socket",
        "kept = open(__file__), os.pipe(), socket.socketpair(), asyncio.new_event_loop()",
    ]
    spare.write("site-packages/polite.py", "\n".join(lines))
    spare.write("app/main.py", SAY + "say('up')")
    spare.start(*AHEAD, "main.py", what="imports", imports=["polite"])
    assert spare.word() == "waiting"
    spare.call()
    assert spare.heard() == "up"


def test_an_own_module_that_comes_along_is_told(spare: Spare) -> None:
    spare.write("site-packages/framework.py", "import sys; sys.path.append(sys.argv[0] and '.'); import settings")
    spare.write("app/settings.py", "")
    spare.write("app/main.py", "")
    spare.start(*AHEAD, "main.py", what="imports", imports=["framework"])
    assert "imported `settings` too, which is the app's own" in spare.word()


@pytest.mark.parametrize("when", ["while it waits", "while it was imported"])
def test_a_spare_with_an_older_file_than_there_is_now_is_stale(spare: Spare, when: str) -> None:
    spare.write("site-packages/heavy.py", "")
    spare.write("app/main.py", "")
    started: dict[str, Any] = {}
    if when == "while it was imported":
        # What it has read may be either.
        written_ns = time.time_ns()
        os.utime(spare.others / "heavy.py", ns=(written_ns, written_ns))
        started["startedMs"] = written_ns // 1_000_000 - 1
    spare.start(*AHEAD, "main.py", what="imports", imports=["heavy"], **started)
    assert spare.word() == "waiting"
    if when == "while it waits":
        spare.write("site-packages/heavy.py", "VERSION = 2")
    spare.say("call")
    assert spare.word() == f"unfit {spare.others / 'heavy.py'} has changed since it was imported"
    assert spare.ended()[0] == 69


def test_a_file_that_is_dated_in_the_future_makes_no_spare_stale_until_it_changes(tmp_path: Path) -> None:
    """As on a machine whose clock was wrong when it was installed."""
    file, later = tmp_path / "dated.py", time.time() + 3600
    file.write_text("")
    os.utime(file, (later, later))
    with _module("dated", tmp_path, text=None):
        sources = Sources(time.time_ns())
        assert sources.changed() is None
        os.utime(file, (later - 1, later - 1))
        assert sources.changed() == str(file)


def test_a_spare_of_another_environment_is_told(spare: Spare) -> None:
    spare.write("app/main.py", "")
    spare.start(*AHEAD, "main.py", what="imports", environment="/home/ada/.cache/uv/main-92ddd8ec3ad75958")
    word = spare.word()
    assert word.startswith(
        f"unfit it runs in the environment `{environment()}`, and the last generation in `/home/ada/"
    )
    assert word.endswith("set `standby` to `app` or `off`")
    assert spare.ended()[0] == 69


def test_a_spare_of_the_same_environment_waits(spare: Spare) -> None:
    spare.write("app/main.py", "")
    spare.start(*AHEAD, "main.py", what="imports", environment=environment())
    assert spare.word() == "waiting"


def test_what_a_launcher_lays_over_an_environment_is_none_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `uv run --with idna` does, each time in another folder."""
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert environment() == str(tmp_path)
    (tmp_path / "pyvenv.cfg").write_text("home = /usr/bin\nextends-environment = /srv/ledger/.venv\n")
    assert environment() == "/srv/ledger/.venv"


def test_a_save_beside_other_own_modules_leaves_a_spare_fit(spare: Spare) -> None:
    """Their folder is one of `sys.path`, as `src` is, and has another date after it."""
    spare.write("app/src/own.py", "VALUE = 1")
    spare.write("app/main.py", SAY + "import own; say(own.VALUE)")
    spare.start(*AHEAD, "main.py", what="imports", path=str(spare.own / "src"))
    assert spare.word() == "waiting"
    spare.write("app/src/another.py", "")
    spare.write("app/src/own.py", "VALUE = 2")
    spare.call()
    assert spare.heard() == "2"


def test_a_spare_ends_with_its_host(spare: Spare) -> None:
    spare.write("app/main.py", "")
    spare.start(*AHEAD, "main.py", what="imports")
    assert spare.word() == "waiting"
    spare.hang_up()
    assert spare.ended()[0] == 1


def test_a_spare_has_no_host_to_call(spare: Spare) -> None:
    spare.write("app/main.py", "from sidecar_bridge import get_host\nget_host()")
    process = subprocess.run(
        [sys.executable, "main.py"],
        cwd=spare.own,
        env=without_host(SIDECAR_BRIDGE=spare.host.address, SIDECAR_BRIDGE_STANDBY="app"),
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert process.returncode == 1
    assert "has no host until it is called" in process.stderr


SERVES = "from sidecar_bridge import serve\nserve(lambda scope, receive, send: None)"


@pytest.mark.parametrize(
    ("words", "address", "said"),
    [
        (["main.py"], "", "main.py: this is the sidecar of a Tauri app, and there is no host (no host started this"),
        (["main.py"], "unix:/nowhere", "no host takes it as a spare (nobody listens at /nowhere: No such file"),
        ([*AHEAD, "main.py"], "", "sidecar_bridge: only a host starts this, as a spare (no host started this process"),
        ([*AHEAD, "main.py"], "unix:/nowhere", "as a spare (nobody listens at /nowhere: No such file"),
    ],
    ids=["a program without a host", "a program at no host", "its imports without a host", "its imports at no host"],
)
def test_a_spare_that_no_host_has_started_says_so_in_a_line(
    tmp_path: Path, words: list[str], address: str, said: str
) -> None:
    (tmp_path / "main.py").write_text(SERVES)
    process = subprocess.run(
        [sys.executable, *words],
        cwd=tmp_path,
        env=without_host(SIDECAR_BRIDGE=address, SIDECAR_BRIDGE_STANDBY="app"),
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert process.returncode == 64
    (line,) = process.stderr.splitlines()
    assert said in line


def test_a_process_that_no_host_has_started_has_no_host_whatever_it_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIDECAR_BRIDGE", raising=False)
    monkeypatch.setenv("SIDECAR_BRIDGE_STANDBY", "app")
    for ask in (get_host, paths):
        with pytest.raises(BridgeError, match="no host started this process"):
            ask()


@contextmanager
def _module(name: str, folder: Path, text: str | None = "") -> Iterator[None]:
    """Import a module of that text, or of what is in its file already."""
    if text is not None:
        folder.mkdir(parents=True)
        (folder / f"{name}.py").write_text(text)
    sys.path.insert(0, str(folder))
    try:
        __import__(name)
        yield
    finally:
        sys.path.remove(str(folder))
        sys.modules.pop(name, None)


def test_own_modules_are_those_in_the_apps_folders_but_not_in_its_environment(tmp_path: Path) -> None:
    packages = tmp_path / ".venv" / "lib" / "site-packages"
    with _module("an_own_one", tmp_path / "src"), _module("a_foreign_one", packages):
        names = imported([str(tmp_path)])
    assert "a_foreign_one" in names
    assert "an_own_one" not in names
    assert "json" in names
    assert "__main__" not in names


def test_to_look_at_what_is_imported_loads_nothing_and_raises_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Odd(ModuleType):
        def __getattr__(self, name: str) -> object:
            raise RuntimeError(name)

    (tmp_path / "a_lazy_one.py").write_text("raise OSError('nobody has used it')")
    monkeypatch.syspath_prepend(tmp_path)
    spec = find_spec("a_lazy_one")
    assert spec is not None
    assert spec.loader is not None
    spec.loader = LazyLoader(spec.loader)
    lazy = module_from_spec(spec)
    spec.loader.exec_module(lazy)
    monkeypatch.setitem(sys.modules, "a_lazy_one", lazy)
    monkeypatch.setitem(sys.modules, "an_odd_one", Odd("an_odd_one"))
    monkeypatch.setitem(sys.modules, "no_module", object())
    assert not {"a_lazy_one", "an_odd_one", "no_module"} & set(imported([]))
    assert Sources(time.time_ns()).changed() is None


CHILDREN = """
import subprocess, sys
from sidecar_bridge._serve.fitness import _has_children

assert not _has_children()
with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
    assert _has_children()
    assert child.poll() is None
"""


def test_a_child_process_is_noticed() -> None:
    # In a process of its own: this one may have children of other tests, and would lose their exit codes.
    subprocess.run([sys.executable, "-c", CHILDREN], check=True, timeout=LIMIT_S)


def test_the_words_of_the_program_are_those_of_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    main = sys.modules["__main__"]
    monkeypatch.setattr(main, "__file__", "/srv/app/main.py", raising=False)
    monkeypatch.setattr(main, "__spec__", None)
    monkeypatch.setattr(sys, "argv", ["app/main.py", "-v"])
    monkeypatch.setattr(sys, "orig_argv", ["python3", "-X", "dev", "app/main.py", "-v"])
    assert program_words() == ["app/main.py", "-v"]
    monkeypatch.setattr(sys, "orig_argv", ["python3", "-c", "import main", "-v"])
    assert program_words() is None
    monkeypatch.setattr(main, "__spec__", main)
    monkeypatch.setattr(sys, "orig_argv", ["python3", "-m", "app.main", "-v"])
    assert program_words() == ["-m", "app.main", "-v"]


StartHost = Callable[..., HostProcess]


@pytest.mark.parametrize("ahead", ["imports", "app"])
def test_the_spare_of_a_real_host_serves_after_a_crash(start_host: StartHost, tmp_path: Path, ahead: str) -> None:
    """What it had ready is seen from outside: the module says when it was imported, and the lifespan when it runs."""
    fifo, folder = Fifo(tmp_path / "said"), tmp_path / "site-packages"
    folder.mkdir()
    (folder / "heavy.py").write_text(SAY + "say(f'heavy {os.getpid()}')")
    main = tmp_path / "main.py"
    main.write_text("import heavy\n" + SERVE.replace("say(", "heavy.say(") + "if __name__ == '__main__': serve(app)")
    env = {"SAID": str(fifo.path), "PYTHONPATH": str(folder)}
    spawn: dict[str, Any] = {"command": [sys.executable, "main.py"], "cwd": str(tmp_path), "env": env}
    host = start_host({"sidecars": {"python": {"spawn": {**spawn, "dev": {"standby": ahead}}}}})
    pid = host.wait_for("ready")["pid"]
    assert fifo.read_line().decode() == f"heavy {pid}"
    assert fifo.read_line().startswith(b"imported")
    assert fifo.read_line() == b"lifespan"
    # The spare.
    spare = int(fifo.read_line().decode().removeprefix("heavy "))
    if ahead == "app":
        assert fifo.read_line().startswith(b"imported")
    os.kill(pid, 9)
    assert host.wait_for("ready")["pid"] == spare
    host.stop()
    fifo.close()


def test_an_app_that_was_started_by_a_spare_of_another_has_a_sidecar_that_serves(
    start_host: StartHost, tmp_path: Path
) -> None:
    (tmp_path / "main.py").write_text(SERVES)
    spawn = {"command": [sys.executable, "main.py"], "cwd": str(tmp_path), "standby": "off"}
    host = start_host({"sidecars": {"python": {"spawn": spawn}}}, SIDECAR_BRIDGE_STANDBY="app")
    host.wait_for("ready")
    host.stop()
