"""The host endpoint is plain HTTP: a shell script with curl does as a sidecar."""

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from desktop import Desktop, desktop, started, until

# Takes the lease and prints what the host says on it, which curl cannot.
DIAL = """
import os, socket
host = socket.socket(socket.AF_UNIX)
host.connect(os.environ["SIDECAR_BRIDGE"].removeprefix("unix:"))
host.sendall(b'{"protocol":2,"role":"serve"}\\n')
for line in host.makefile("r"):
    print(line, end="", flush=True)
"""

# It stands in for `python3`. All that it knows is the hello line; it lives until its lease ends.
SIDECAR = r"""#!/bin/sh
mkfifo "$E2E/lease"
"$PYTHON" -S -c "$DIAL" > "$E2E/lease" &
exec < "$E2E/lease"
read -r hello
field() { printf %s "$hello" | sed 's/.*"'"$1"'" *: *"\([^"]*\)".*/\1/'; }
socket=$(field unix)
token=$(field token)
until [ -e "$E2E/window-is-open" ]; do sleep 0.05; done
call() {
  name=$1
  shift
  curl -sS --max-time 10 --unix-socket "$socket" -o "$E2E/$name" "$@"
}
CALLS
: > "$E2E/done"
read -r stop
"""
TOGGLE = """http://localhost/window -d '{"action":"toggle"}'"""
TOKEN = '-H "Authorization: Bearer $token"'
INVOKE = "http://localhost/v1/invoke"
REFUSED = {
    "no-token": (TOGGLE, 401, "unauthenticated"),
    "wrong-token": (f"-H 'Authorization: Bearer 0000' {TOGGLE}", 401, "unauthenticated"),
    "origin": (f"{TOKEN} -H 'Origin: tauri://localhost' {TOGGLE}", 403, "permission_denied"),
    "browser": (f"{TOKEN} -H 'Sec-Fetch-Mode: cors' {TOGGLE}", 403, "permission_denied"),
    "foreign-host": (f"{TOKEN} -H 'Host: example.com' {TOGGLE}", 403, "permission_denied"),
    "ungranted": (
        f"""{TOKEN} '{INVOKE}/plugin:window%7Cset_title' -d '{{"label":"main","value":"x"}}'""",
        403,
        "permission_denied",
    ),
    "ungranted-action": (
        f"""{TOKEN} http://localhost/window -d '{{"action":"close"}}'""",
        403,
        "permission_denied",
    ),
    "malformed": (f"{TOKEN} http://localhost/window -d '{{'", 422, "invalid_argument"),
    "unknown-action": (
        f"""{TOKEN} http://localhost/window -d '{{"action":"explode"}}'""",
        422,
        "invalid_argument",
    ),
    "unknown-window": (
        f"""{TOKEN} http://localhost/window -d '{{"action":"toggle","label":"x"}}'""",
        404,
        "not_found",
    ),
    "unknown-route": (f"{TOKEN} http://localhost/nowhere", 404, "not_found"),
    "command-error": (
        f"""{TOKEN} {INVOKE}/greet -d '{{"name":""}}'""",
        412,
        "failed_precondition",
    ),
}


@contextmanager
def answers(directory: Path, calls: Mapping[str, str]) -> Iterator[tuple[Desktop, Path]]:
    """The quickstart with a sidecar that makes these calls, each answer in the file with the call's name."""
    python3 = directory / "bin" / "python3"
    python3.parent.mkdir()
    python3.write_text(SIDECAR.replace("CALLS", "\n".join(f"call {name} {line}" for name, line in calls.items())))
    python3.chmod(0o755)
    out = directory / "out"
    out.mkdir()
    path = f"{python3.parent}:{os.environ['PATH']}"
    with desktop() as screen:
        with started(screen, PATH=path, E2E=str(out), PYTHON=sys.executable, DIAL=DIAL) as app:
            yield screen, out
            screen.close_window()
            assert app.wait(10) == 0
        screen.expect_nothing_left()


def let_it_call(out: Path) -> None:
    (out / "window-is-open").touch()
    until("curl's answers", (out / "done").exists, 60)


def read(file: Path) -> Any:
    return json.loads(file.read_text())


def test_curl_with_the_token_it_was_handed_maximizes_the_window(tmp_path: Path) -> None:
    with answers(tmp_path, {"first": f"{TOKEN} {TOGGLE}"}) as (screen, out):
        before = screen.geometry()
        let_it_call(out)
        assert read(out / "first") == {"success": True, "message": "Window maximized"}
        assert screen.geometry_other_than(before).width == 1280


def test_what_may_not_be_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    calls = {name: line for name, (line, _status, _code) in REFUSED.items()}
    with answers(tmp_path, calls) as (screen, out):
        before = screen.window()
        let_it_call(out)
        for name, (_line, status, code) in REFUSED.items():
            problem = read(out / name)
            assert (problem["status"], problem["code"]) == (status, code), f"{name}: {problem}"
        assert read(out / "command-error")["data"] == "emptyName"
        time.sleep(0.5)  # as long as a change could take to show
        assert screen.window() == before
