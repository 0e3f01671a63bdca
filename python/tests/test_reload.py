"""A save starts the sidecar again, with what was saved."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hosts import Fifo, HostProcess

MAIN = """
import os
import value
from sidecar_bridge import serve

with open(os.environ["SAID"], "a") as fifo:
    fifo.write(f"{value.VALUE}\\n")

async def app(scope, receive, send):
    pass

if __name__ == "__main__":
    serve(app, lifespan="off")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="tests/windows drive the real host")
def test_a_second_save_of_the_same_size_within_a_second_is_run_too(
    start_host: Callable[..., HostProcess], tmp_path: Path
) -> None:
    fifo, app = Fifo(tmp_path / "said"), tmp_path / "app"
    app.mkdir()
    (app / "main.py").write_text(MAIN)

    def save(value: int) -> None:
        # Python tells sources apart by their size and the second in which they were saved.
        saved = tmp_path / "saved"
        saved.write_text(f"VALUE = {value}\n")
        os.utime(saved, (1_900_000_000, 1_900_000_000))
        saved.replace(app / "value.py")

    save(1)
    env = {"SAID": str(fifo.path), "PYTHONDONTWRITEBYTECODE": ""}
    spawn = {"command": [sys.executable, "main.py"], "cwd": str(app), "env": env, "dev": {"reload": [str(app)]}}
    host = start_host({"sidecars": {"python": {"spawn": spawn}}})
    for value in (2, 3):
        host.wait_for("ready")
        assert fifo.read_line() == b"%d" % (value - 1)
        save(value)
    assert fifo.read_line() == b"3"
    host.wait_for("ready")
    host.stop()
    fifo.close()
