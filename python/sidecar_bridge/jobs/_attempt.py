"""The runs of jobs that are under way, as the sidecar knows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from sidecar_bridge.jobs._history import Row
    from sidecar_bridge.jobs._lane import Lane
    from sidecar_bridge.jobs._pools import Pool
    from sidecar_bridge.jobs._shape import Shape
    from sidecar_bridge.jobs._ways import Message
    from sidecar_bridge.jobs._worker import Outcome


@dataclass(eq=False)
class Attempt:
    """A run of a job."""

    row: Row
    shape: Shape
    number: int
    token: str
    lane: Lane
    pool: Pool
    began: float = field(default_factory=monotonic)
    future: Future[Outcome] | None = None
    outcome: Outcome | None = None
    error: BaseException | None = None
    is_lost: bool = False
    has_started: bool = False
    received: int = 0
    progress: Message | None = None
    """How far it is, as its worker has said."""
    asked: str | None = None
    """Why it is to stop: `cancel` or `stop`."""
    kill_at: float | None = None
    settle_at: float | None = None
    """When to stop waiting for more of what its worker has said."""
    unsaved: Callable[[], None] | None = None
    """Its end, which the database did not take."""


class Attempts:
    """Those under way, one of each job at most. The thread of the jobs changes them; any thread may look."""

    def __init__(self) -> None:
        """Begin with none."""
        self._of: dict[str, Attempt] = {}
        self.awake: dict[str, str] = {}
        """The names of those that keep the computer awake, by their jobs."""

    def __iter__(self) -> Iterator[Attempt]:
        """Give those of now, whatever changes meanwhile."""
        return iter(list(self._of.values()))

    def __len__(self) -> int:
        """Count them."""
        return len(self._of)

    def __contains__(self, attempt: Attempt) -> bool:
        """Whether it is under way still."""
        return self._of.get(attempt.row.id) is attempt

    def add(self, attempt: Attempt) -> None:
        """Keep one that begins."""
        self._of[attempt.row.id] = attempt
        if attempt.shape.options.keep_awake:
            self.awake[attempt.row.id] = attempt.row.name

    def remove(self, attempt: Attempt) -> None:
        """Forget one that has ended."""
        del self._of[attempt.row.id]
        self.awake.pop(attempt.row.id, None)

    def of_job(self, id: str) -> Attempt | None:
        """Give the one of a job."""
        return self._of.get(id)

    def of_token(self, token: str) -> Attempt | None:
        """Give the one with that token, which begins with the job's id."""
        attempt = self._of.get(token.partition("-")[0])
        return attempt if attempt is not None and attempt.token == token else None
