"""What a job's function gets: progress, logs, files, and whether it is to stop."""

from __future__ import annotations

import os
import tempfile
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sized
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep, time
from typing import IO, TYPE_CHECKING, Any, Literal, TypeVar, overload

from pydantic_core import from_json, to_json

from sidecar_bridge.jobs._errors import Cancelled
from sidecar_bridge.jobs._progress import Frame, Stages, number
from sidecar_bridge.jobs._ways import Nowhere

if TYPE_CHECKING:
    from tqdm.std import tqdm

    from sidecar_bridge.jobs._ways import Message, Way

T = TypeVar("T")

INTERVAL_S = 0.05
"""How often a worker tells at most how far a job is."""


class Job:
    """The job that a function runs as. `Job()` is one that nobody sees, for tests that call the function directly.

    One thread at a time may use its stages.
    """

    def __init__(
        self,
        id: str = "",
        attempt: int = 1,
        *,
        restored: Any = None,
        way: Way | None = None,
    ) -> None:
        """Begin an attempt; only `Jobs` gives arguments."""
        self.id: str = id
        """The job's id."""
        self.attempt: int = attempt
        """How often the job was begun, this attempt included."""
        self.restored: Any = restored
        """What the attempt before gave to `checkpoint` last; `None` in the first."""
        self._way: Way = way or Nowhere()
        self._stages = Stages()
        self._began = monotonic()
        self._logs: deque[Message] = deque()
        self._is_dirty = self._has_to_tell = False
        self._wake = threading.Event()
        self._has_ended = False
        self._sent = 0
        self._sending = threading.Lock()

    def check(self) -> None:
        """Raise `Cancelled` if the job is to stop. `track`, `stage` and `progress` do it at each step."""
        if self._way.is_cancelled():
            raise Cancelled

    def track(self, items: Iterable[T], title: str = "", *, total: float | None = None) -> Iterator[T]:
        """Give the items, one after the other, each a step of a stage.

        Args:
            items: What to go through.
            title: What the stage does.
            total: How many there are, if `len(items)` does not say so. Without it the steps are counted, and the
                fraction stays where it is.
        """
        if total is None and isinstance(items, Sized):
            # A range may have more items than `len` can say, and an array of no dimension has none to say.
            with suppress(OverflowError, TypeError):
                total = len(items)
        frame = self._begin(title, total=total, steps=True)
        try:
            for n, item in enumerate(items, 1):
                self.check()
                yield item
                self._advance(frame, n)
        except BaseException:
            self._leave(frame)
            raise
        self._end(frame)

    @contextmanager
    def stage(self, title: str, share: float | None = None) -> Iterator[None]:
        """Run the block as a stage of the present one.

        Args:
            title: What it does.
            share: How much of the present stage, or of its present step, it is, from 0 to 1; what is left, unless
                given.
        """
        self.check()
        frame = self._begin(title, share=share)
        try:
            yield
        except BaseException:
            self._leave(frame)
            raise
        self._end(frame)

    def progress(self, current: float, total: float | None = None, title: str | None = None) -> None:
        """Say how far the present stage is: `current` of `total` steps. For loops that `track` does not fit."""
        self.check()
        self._stages.settle()
        frame = self._stages.frames[-1]
        if title is not None:
            frame.title = str(title)
        if total is not None:
            frame.total = number(total)
        self._stages._is_known = self._stages._is_known or bool(frame.total)
        self._advance(frame, number(current))

    def log(self, text: str, /, **values: Any) -> None:
        """Keep a line in the history and show it to the page, with values that a program may read.

        Raises:
            TypeError: A value is neither JSON nor a model.
        """
        self._logs.append({"at": time(), "text": readable(str(text)), "values": _plain(values)})
        self._touch()

    def checkpoint(self, value: Any) -> None:
        """Keep a value for the next attempt, which finds it in `restored`, as JSON.

        Raises:
            TypeError: The value is neither JSON nor a model.
        """
        self._send({"kind": "checkpoint", "value": _plain(value)})

    @property
    def tqdm(self) -> type[tqdm[Any]]:
        """The class `tqdm`, whose bars are stages of this job.

        Raises:
            ImportError: tqdm is not installed.
        """
        from sidecar_bridge.jobs._tqdm import tqdm_of  # noqa: PLC0415 - tqdm is the user's

        return tqdm_of(self)

    @overload
    def file(self, path: str | os.PathLike[str], mode: Literal["wb"] = "wb") -> _Writing[IO[bytes]]: ...
    @overload
    def file(
        self, path: str | os.PathLike[str], mode: Literal["w"], *, encoding: str = "utf-8", newline: str | None = None
    ) -> _Writing[IO[str]]: ...
    def file(
        self,
        path: str | os.PathLike[str],
        mode: Literal["w", "wb"] = "wb",
        *,
        encoding: str = "utf-8",
        newline: str | None = None,
    ) -> _Writing[Any]:
        """Open a file that takes its place at the end of the block, whole; if the block raises, not at all.

        Until then it stands beside `path` under another name. If the worker or the sidecar is killed, the sidecar
        removes it.

        Args:
            path: Where the file is to be; one that is there is replaced.
            mode: `wb` for bytes, or `w` for text.
            encoding: Of text.
            newline: As `open` has it.
        """
        if mode not in {"w", "wb"}:
            msg = f"mode {mode!r} is not one of 'w' and 'wb', for a file of a job is written as a whole"
            raise ValueError(msg)
        text = {} if mode == "wb" else {"encoding": encoding, "newline": newline}
        return _writing(self, Path(path).absolute(), mode, text)

    def _begin(
        self, title: str, *, share: float | None = None, total: float | None = None, steps: bool = False
    ) -> Frame:
        total = None if total is None else number(total)
        frame = self._stages.begin(str(title or ""), share=share, total=total, steps=steps)
        self._touch()
        return frame

    def _advance(self, frame: Frame, n: float) -> None:
        self._stages.advance(frame, n)
        if not self._is_dirty:
            self._touch()

    def _end(self, frame: Frame) -> None:
        self._stages.end(frame)
        self._touch()

    def _leave(self, frame: Frame) -> None:
        self._stages.leave(frame)

    def _touch(self) -> None:
        self._is_dirty = True
        self._wake.set()
        if self._has_to_tell:
            # From the first news on in a thread of its own, for the function may be busy. Short jobs have none.
            self._has_to_tell = False
            threading.Thread(target=self._report, name=f"sidecar-bridge-job-{self.id}", daemon=True).start()

    # --- for the worker

    def _start(self) -> None:
        """Tell the sidecar how far the job is, from now on."""
        self._has_to_tell = type(self._way) is not Nowhere
        if self._is_dirty:
            self._touch()

    def _finish(self, *, is_done: bool) -> Message:
        """Stop telling, and give what was not told yet, and how many messages there were."""
        if is_done:
            self._stages.settle()
        self._has_ended = True
        self._wake.set()
        with self._sending:
            return {"progress": self._shown(), "logs": self._taken_logs(), "sent": self._sent}

    def _report(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            with self._sending:
                if self._has_ended:
                    return
                self._is_dirty = False
                self._post({"kind": "progress", "progress": self._shown(), "logs": self._taken_logs()})
            # A pause, so that what comes meanwhile goes as one.
            sleep(INTERVAL_S)

    def _send(self, message: Message) -> None:
        with self._sending:
            self._post(message)

    def _post(self, message: Message) -> None:
        self._way.send(message)
        self._sent += 1

    def _taken_logs(self) -> list[Message]:
        logs = []
        # One by one, for the function's thread may add some meanwhile.
        while self._logs:
            logs.append(self._logs.popleft())
        return logs

    def _shown(self) -> Message:
        fraction = self._stages.fraction()
        # The function's thread may end a stage meanwhile.
        frames = list(self._stages.frames)
        titles = [frame.title for frame in frames if frame.title]
        last = next((frame for frame in reversed(frames) if frame.total is not None or frame.is_open), None)
        rest_ms = None
        if fraction:
            rest_ms = round((monotonic() - self._began) * (1 - fraction) / fraction * 1000)
        return {
            "fraction": fraction,
            "stage": readable(titles[-1]) if titles else "",
            "current": last.n if last else None,
            "total": last.total if last else None,
            "rest_ms": rest_ms,
        }


if TYPE_CHECKING:
    from contextlib import AbstractContextManager as _Writing


@contextmanager
def _writing(job: Job, path: Path, mode: str, text: dict[str, Any]) -> Iterator[Any]:
    if path.exists() and not path.is_file():
        msg = f"{path} is no file, and is not replaced; open a device with `open`, or give another path"
        raise OSError(msg)
    # A name has 255 bytes at most, of which the rest of this one takes a few.
    short = os.fsdecode(os.fsencode(path.name)[:200])
    descriptor, name = tempfile.mkstemp(prefix=f".{short}.", suffix=".partial", dir=path.parent)
    os.close(descriptor)
    beside = Path(name)
    # Told before anything is in it: who is killed later cannot tell.
    job._send({"kind": "file", "path": name})
    try:
        with beside.open(mode, **text) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        job.check()
        beside.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        beside.replace(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise
    finally:
        job._send({"kind": "file done", "path": name})


def _umask() -> int:
    """Give what new files of this process lack; there is no way to ask without setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def readable(text: str) -> str:
    """Give a text in which what is no Unicode is spelled out, as names of files have it: JSON and SQLite refuse it."""
    return text.encode(errors="backslashreplace").decode()


def _plain(value: Any) -> Any:
    """Give a value as JSON has it."""
    try:
        return from_json(to_json(value))
    except ValueError as error:
        msg = f"{type(value).__name__} is not JSON: {error}; give JSON, a pydantic model or a dataclass"
        raise TypeError(msg) from error
