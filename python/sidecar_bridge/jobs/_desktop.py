"""What the person sees of jobs outside of the page: the taskbar, and a notification at the end."""

from __future__ import annotations

import logging
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sidecar_bridge import BridgeError, NotFoundError, PermissionDeniedError, get_host
from sidecar_bridge.tauri.window import ProgressBarState, ProgressBarStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar_bridge import Handling
    from sidecar_bridge.jobs._records import AnyRecord, Progress
    from sidecar_bridge.tauri.events import CloseRequested

_logger = logging.getLogger("sidecar_bridge.jobs")

TASKBAR_INTERVAL_S = 0.25
"""How long after a change of the taskbar the next one comes at the earliest."""


@dataclass(frozen=True, slots=True)
class Desktop:
    """Shows jobs in the taskbar, and tells of their end.

    The taskbar needs `core:window:allow-set-progress-bar`, notifications need `notification:default`. What is not
    granted is said once in the log, and left out.

    Attributes:
        window: The label of the window whose taskbar entry shows how far the jobs are, all together.
        taskbar: Whether it does.
        notifications: Whether a notification tells that a job is done or has failed. Nobody needs to be told that
            they have cancelled one.
        notify_after_s: Only of jobs that took as long as that.
        text: What a notification says, its title and its body.
        close_question: What the person is asked who closes the window while jobs run, such as "An export is under way.
            Close anyway?". They answer in a dialog; unless they say yes, the window stays. Nothing is asked without
            it, nor where the app ends in another way. Needs `dialog:allow-message`, `core:event:allow-listen` and
            `core:window:allow-destroy`.
    """

    window: str = "main"
    taskbar: bool = True
    notifications: bool = True
    notify_after_s: float = 10.0
    text: Callable[[AnyRecord], tuple[str, str]] | None = None
    close_question: str | None = None


@dataclass
class Shown:
    """Tells the host, in a thread of its own: a call takes as long as the app's main thread is busy."""

    desktop: Desktop
    _running: dict[str, Progress] = field(default_factory=dict)
    _ended: deque[AnyRecord] = field(default_factory=deque)
    _changed: threading.Event = field(default_factory=threading.Event)
    _closed: threading.Event = field(default_factory=threading.Event)
    _refused: set[str] = field(default_factory=set)
    _missed: set[str] = field(default_factory=set)
    _last: ProgressBarState | None = None
    _asking: Handling | None = None
    _may_close: bool = False

    def open(self) -> None:
        """Begin to show."""
        self._closed.clear()
        # A sidecar that was killed may have left a bar there.
        self._running, self._last, self._may_close = {}, None, False
        self._changed.set()
        threading.Thread(target=self._run, name="sidecar-bridge-jobs-desktop", daemon=True).start()

    def close(self) -> None:
        """Show that nothing runs, and then nothing any more."""
        self._closed.set()
        self._changed.set()

    def changed(self, running: dict[str, Progress]) -> None:
        """Show how far these are."""
        self._running = running
        self._changed.set()

    def ended(self, job: AnyRecord, took_s: float, *, notify: bool) -> None:
        """Tell of an end."""
        if notify and job.state in {"done", "failed"} and took_s >= self.desktop.notify_after_s:
            self._ended.append(job)
            self._changed.set()

    def _run(self) -> None:
        while True:
            self._changed.wait()
            self._changed.clear()
            if self.desktop.close_question is not None and self._asking is None:
                self._try("question", self._ask_from_now_on)
            if self.desktop.taskbar:
                self._show_taskbar()
            while self._ended:
                job = self._ended.popleft()
                if self.desktop.notifications:
                    self._tell_of(job)
            if self._closed.is_set():
                if self._asking is not None:
                    self._try("question", self._asking.close)
                    self._asking = None
                return
            self._closed.wait(TASKBAR_INTERVAL_S)

    def _show_taskbar(self) -> None:
        state = _state_of(self._running)
        if state == self._last:
            return
        if self._try("taskbar", lambda: get_host().window(self.desktop.window).set_progress_bar(state)):
            self._last = state

    def _ask_from_now_on(self) -> None:
        self._asking = get_host().window(self.desktop.window).on_close_requested(self._close_requested)

    def _close_requested(self, event: CloseRequested) -> None:
        if not self._running or self._may_close:
            return
        # The window waits a moment for this, and not for the person.
        event.prevent_default()
        # Where nobody can be asked, nor the window be closed from here, it closes at the next try.
        self._may_close = True
        answers = [True]
        self._try("question", lambda: answers.append(self._ask()))
        self._may_close = answers[-1]
        if self._may_close:
            self._try("end of the window", lambda: get_host().window(self.desktop.window).destroy())

    def _ask(self) -> bool:
        return get_host().dialog.ask(self.desktop.close_question or "", kind="warning")

    def _tell_of(self, job: AnyRecord) -> None:
        title, body = (self.desktop.text or _text_of)(job)
        self._try("notification", lambda: get_host().notification.send(title, body=body))

    def _try(self, what: str, call: Callable[[], None]) -> bool:
        """Tell whether it went well. What is not granted is not tried again; what cannot be done now is."""
        if what in self._refused:
            return False
        try:
            call()
        except PermissionDeniedError as error:
            self._refused.add(what)
            _logger.warning("jobs show no %s any more: %s", what, error)
        except BridgeError as error:
            # There is no host before `serve`, and a window may open later; or its name is wrong, which is told once.
            level = logging.WARNING if isinstance(error, NotFoundError) and what not in self._missed else logging.INFO
            self._missed.add(what)
            _logger.log(level, "jobs show no %s now: %s", what, error)
        else:
            return True
        return False


def _state_of(running: dict[str, Progress]) -> ProgressBarState:
    if not running:
        return ProgressBarState(status=ProgressBarStatus.NONE)
    known = [progress.fraction for progress in running.values() if progress.fraction is not None]
    if not known:
        return ProgressBarState(status=ProgressBarStatus.INDETERMINATE)
    return ProgressBarState(status=ProgressBarStatus.NORMAL, progress=int(100 * sum(known) / len(running)))


def _text_of(job: AnyRecord) -> tuple[str, str]:
    name = job.name.replace("_", " ").capitalize()
    if job.state == "done":
        return f"{name} is done", job.label
    said = [job.label, job.failure.detail if job.failure else ""]
    return f"{name} has failed", ": ".join(filter(None, said))
