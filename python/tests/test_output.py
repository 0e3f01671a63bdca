"""What a sidecar prints reaches its host at once, with none of the variables that a developer's machine may set."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest
from served import Serving, serving

__all__ = ["serving"]

APP = """
import logging, os, signal, sys
from sidecar_bridge import serve

{before}

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        raise NotImplementedError
    {inside}
    await send({{"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]}})
    await send({{"type": "http.response.body", "body": b"ok"}})

serve(app, log_level="critical")
"""

FORKED = "child = os.fork()\n    if not child: print('a line'); os._exit(0)\n    os.waitpid(child, 0)"


@pytest.mark.parametrize(
    ("before", "inside", "printed"),
    [
        ("print('a line')", "", "a line\n"),
        ("print('half a line', end='')", "", "half a line"),
        ("", "print('a line')", "a line\n"),
        ("", "sys.stderr.write('a line\\n')", "a line\n"),
        ("", "print('40 %', end='\\r')", "40 %\r"),
        ("logging.basicConfig(stream=sys.stdout)", "logging.warning('a line')", "WARNING:root:a line\n"),
        # Newer Pythons warn of a fork beside threads.
        ("import warnings; warnings.simplefilter('ignore')", FORKED, "a line\n"),
    ],
)
def test_what_it_prints_is_there_at_once(serving: Serving, before: str, inside: str, printed: str) -> None:
    served = serving(APP.format(before=before, inside=inside or "pass"))
    assert served.get("/") == (200, b"ok")
    assert served.printed() == printed


def test_the_last_line_before_a_sigkill(serving: Serving) -> None:
    served = serving(APP.format(before="", inside="print('last words'); os.kill(os.getpid(), signal.SIGKILL)"))
    with served.socket() as client:
        client.sendall(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert served.ended() == -signal.SIGKILL
    assert served.printed() == "last words\n"


def test_a_standard_output_of_another_kind_is_left_alone(serving: Serving) -> None:
    served = serving(APP.format(before="import io; sys.stdout = io.StringIO()", inside="print('a line')"))
    assert served.get("/") == (200, b"ok")
    assert served.printed() == ""


@pytest.mark.parametrize("word", ["stop", "SIGTERM"])
def test_the_last_output_comes_before_the_end(serving: Serving, word: str) -> None:
    before = """
import logging.handlers
target = logging.StreamHandler(sys.stdout)
held = logging.handlers.MemoryHandler(1000, flushLevel=logging.CRITICAL, target=target)
logging.getLogger("mine").addHandler(held)
"""
    inside = "print('half a line', end=' '); logging.getLogger('mine').warning('held back')"
    served = serving(APP.format(before=before, inside=inside))
    assert served.get("/") == (200, b"ok")
    if word == "stop":
        served.say(word)
    else:
        served.process.terminate()
    assert served.ended() == (0 if word == "stop" else -signal.SIGTERM)
    assert served.printed() == "half a line held back\n"


def test_the_scripts_take_no_variable_of_python_from_the_machine() -> None:
    script = Path(__file__).parents[2] / "scripts/step.sh"
    code = f'. "{script}"; env | grep -o "^PYTHON[A-Z]*"'
    done = subprocess.run(
        ["sh", "-c", code, str(script)],
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": "/",
            # Else it would begin the list of steps anew, of the very script that runs this.
            "STEPS_LIST": "/dev/null",
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": "/x",
            "PYTHONASYNCIODEBUG": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["PYTHONDONTWRITEBYTECODE"]
