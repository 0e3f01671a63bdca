"""`tqdm` whose bars are stages of a job."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeAlias

try:
    from tqdm.std import tqdm
except ImportError as error:
    msg = "tqdm is not installed, which `job.tqdm` needs; run: pip install tqdm"
    raise ImportError(msg) from error

from sidecar_bridge.jobs._progress import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sidecar_bridge.jobs._progress import Frame

# Generic for type checkers alone.
if TYPE_CHECKING:
    _Bar: TypeAlias = tqdm[Any]
else:
    _Bar = tqdm


class Staged(Protocol):
    """What bars need of a job."""

    def check(self) -> None:
        """Raise if it is to stop."""

    def _begin(self, title: str, *, total: float | None, steps: bool) -> Frame: ...
    def _advance(self, frame: Frame, n: float) -> None: ...
    def _end(self, frame: Frame) -> None: ...
    def _leave(self, frame: Frame) -> None: ...


class JobTqdm(_Bar):
    """A bar that writes nothing anywhere: each step goes to the job, however seldom tqdm itself would show one.

    tqdm shows what has changed now and then, is silent after a fast start, and can be disabled from outside.
    """

    job: ClassVar[Staged]
    monitor_interval: ClassVar[int] = 0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take all that `tqdm` takes."""
        self._frame: Frame | None = None
        kwargs |= {"disable": False, "file": io.StringIO(), "delay": 0}
        super().__init__(*args, **kwargs)
        self._frame = self.job._begin(str(self.desc or ""), total=self.total, steps=True)
        self._show()

    def __iter__(self) -> Iterator[Any]:
        """Give the items, each a step."""
        iterable: Any = self.iterable
        try:
            for item in iterable:
                yield item
                self.update(1)
        except BaseException:
            self._leave()
            raise
        finally:
            self.close()

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        """End the stage, or leave it as far as it is when the block has raised."""
        if kind is not None:
            self._leave()
        super().__exit__(kind, error, traceback)

    def update(self, n: float | None = 1) -> bool | None:
        """Say that `n` more steps are done; `Cancelled` if the job is to stop."""
        self.job.check()
        self.n += 1 if n is None else n
        self._show()
        return True

    def display(self, *_args: Any, **_kwargs: Any) -> None:
        """Show what was set from outside: `n`, `total`, the description."""
        self._show()

    def close(self) -> None:
        """End the stage; tqdm calls it twice in the form `for`."""
        frame, self._frame = self._frame, None
        if frame is not None:
            self.job._end(frame)
        super().close()

    def __del__(self) -> None:
        """Leave the stage of a bar that nobody has closed, as when its function has raised."""
        self._leave()
        super().__del__()

    def _leave(self) -> None:
        frame, self._frame = self._frame, None
        if frame is not None:
            self.job._leave(frame)

    def _show(self) -> None:
        if self._frame is not None:
            self._frame.title = str(self.desc).removesuffix(": ") if self.desc else ""
            self._frame.total = None if self.total is None else number(self.total)
            self._frame.is_open = self.total is None
            self.job._advance(self._frame, number(self.n))


def tqdm_of(job: Staged) -> type[JobTqdm]:
    """Give the class of a job's bars."""
    return type("JobTqdm", (JobTqdm,), {"job": job})
