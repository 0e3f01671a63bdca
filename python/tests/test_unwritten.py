"""What files hold back when a sidecar exits: written as ever, although the collector looks at nothing any more."""

from __future__ import annotations

import bz2
import gzip
import lzma
import subprocess
import sys
from pathlib import Path

import pytest
from hosts import LIMIT_S, without_host

KEPT = """
import atexit, io, os, sys, threading
from sidecar_bridge._serve import collecting

class Kept:
    def __init__(self, file):
        self.me, self.file = self, file
"""

BEGIN = (
    KEPT
    + """
collecting.hold()
collecting.release()
"""
)


def ended(tmp_path: Path, program: str) -> tuple[int, str, str]:
    """Let a program end, and give its exit code and what it said."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=without_host(),
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def leave(tmp_path: Path, program: str) -> None:
    """Let a program end that has released the collector; it says nothing and does not wait."""
    assert ended(tmp_path, BEGIN + program) == (0, "", "")


def test_handlers_run_files_are_written_and_the_exit_code_stays(tmp_path: Path) -> None:
    said = ended(
        tmp_path,
        KEPT
        + """
import gc
atexit.register(lambda: print("an earlier handler", gc.get_freeze_count() > 1000))
collecting.hold()
text = Kept(open("text", "w", encoding="utf-8"))
collecting.release()
text.file.write("written, and not closed")
data = Kept(open("data", "wb"))
data.file.write(b"written, too")
closed = Kept(open("data"))
closed.file.close()
atexit.register(print, "a later handler")
sys.exit(3)
""",
    )
    assert said == (3, "a later handler\nan earlier handler True\n", "")
    written = (tmp_path / "text").read_text(), (tmp_path / "data").read_text()
    assert written == ("written, and not closed", "written, too")


def test_what_is_compressed_is_whole(tmp_path: Path) -> None:
    leave(
        tmp_path,
        """
import bz2, gzip, lzma
all_kept = []
for module in (gzip, bz2, lzma):
    all_kept.append(Kept(module.open(module.__name__, "w")))
    all_kept[-1].file.write(b"data" * 1000)
    all_kept.append(Kept(module.open(module.__name__ + ".txt", "wt")))
    all_kept[-1].file.write("text" * 1000)
""",
    )
    for module in (gzip, bz2, lzma):
        with module.open(tmp_path / module.__name__) as data, module.open(tmp_path / f"{module.__name__}.txt") as text:
            assert (data.read(), text.read()) == (b"data" * 1000, b"text" * 1000)


def test_what_a_handler_of_the_exit_writes_is_written(tmp_path: Path) -> None:
    leave(tmp_path, 'kept = Kept(open("log", "wb")); atexit.register(kept.file.write, b"the end"); del kept')
    assert (tmp_path / "log").read_bytes() == b"the end"


@pytest.mark.parametrize("special", ["__hash__ = None", "__hash__ = property(print)", "__eq__ = lambda *_: 1 / 0"])
def test_types_may_be_odd(tmp_path: Path, special: str) -> None:
    leave(
        tmp_path,
        f"""
class Odd(type):
    {special}

class Own(io.BufferedWriter, metaclass=Odd):
    pass

class Other(metaclass=Odd):
    pass

other = Other()
kept = Kept(Own(open("own", "wb", buffering=0)))
kept.file.write(b"written")
del kept
""",
    )
    assert (tmp_path / "own").read_bytes() == b"written"


def test_the_flush_of_a_device_is_not_waited_for(tmp_path: Path) -> None:
    # As that of a serial port, which waits until all was sent.
    leave(
        tmp_path,
        """
class Port(io.RawIOBase):
    def writable(self):
        return True

    def flush(self):
        threading.Event().wait()

    def close(self):
        pass

port = Port()
""",
    )


FULL = """
_, full = os.pipe()
os.set_blocking(full, False)
try:
    while True:
        os.write(full, bytes(4096))
except BlockingIOError:
    os.set_blocking(full, True)
file, begun = os.fdopen(full, "wb"), threading.Event()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no pipes that tell whether they are full")
@pytest.mark.parametrize("size", [1, 1 << 20])
def test_a_pipe_that_nobody_reads_is_not_waited_for(tmp_path: Path, size: int) -> None:
    # It holds something back, or a thread waits in a write to it and has its lock.
    leave(
        tmp_path,
        f"""{FULL}
def write(file):
    begun.set()
    file.write(bytes({size}))
    threading.Event().wait()

threading.Thread(target=write, args=(file,), daemon=True).start()
del file
begun.wait()
""",
    )


@pytest.mark.skipif(sys.platform == "win32", reason="has no pipes that tell whether they are full")
def test_a_pipe_that_is_read_slowly_gets_all(tmp_path: Path) -> None:
    leave(
        tmp_path,
        """
ours, theirs = os.pipe(), os.pipe()
if os.fork() == 0:
    os.close(ours[1])
    with open("got", "wb") as got, os.fdopen(ours[0], "rb") as pipe:
        got.write(pipe.read())
    os.write(theirs[1], b"x")
    os._exit(0)
os.close(ours[0])
kept = Kept(os.fdopen(ours[1], "wb", buffering=1 << 20))
kept.file.write(bytes(1 << 20))
del kept
atexit.unregister(collecting._leave_alone)
collecting._leave_alone()
os.close(ours[1])
os.read(theirs[0], 1)
os._exit(0)
""",
    )
    assert (tmp_path / "got").stat().st_size == 1 << 20
