"""Lines of Python's logging in the app's log; `sidecar_bridge.tauri.log` has it."""

from __future__ import annotations

import logging
import os
from collections import deque
from threading import Condition, Thread, current_thread
from typing import TYPE_CHECKING
from weakref import WeakMethod

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol

    class _Host(Protocol):
        """A `Host`, whose package imports this one."""

        def invoke(self, command: str, args: Mapping[str, object], *, timeout_s: float) -> object: ...


_COMMAND = "plugin:log|log"
_TRACE, _DEBUG, _INFO, _WARN, _ERROR = range(1, 6)
"""The values of `LogLevel`."""

_WRITTEN_WITHIN_S = 10.0
"""How long the host may take for one line, before the line counts as lost."""

_FLUSHED_WITHIN_S = 2.0


class LogHandler(logging.Handler):
    """Writes what is logged to the app's log, through Tauri's plugin log: `logging.getLogger().addHandler(…)`.

        logging.getLogger().addHandler(LogHandler(get_host(), logging.INFO))

    Needs `log:allow-log`, which `log:default` has. The target of a line is `webview::` and the logger's name; its file
    and line are those of the call. The levels are those of `LogLevel`, `CRITICAL` as `ERROR`.

    Whoever logs never waits for the app: a thread of its own writes, and at most `capacity` lines wait for it. Further
    ones are lost, and so are lines that the app does not take; the line behind a gap tells how many. A line that this
    package logs while it writes one is left out.
    """

    _changed: Condition
    _waiting: deque[tuple[int, dict[str, object]]]
    """Lines, each with how many were lost before it."""
    _lost: int
    """How many were lost behind the last one that waits."""
    _writer: Thread | None
    _is_writing: bool
    _is_closed: bool

    def __init__(self, host: _Host, level: int | str = logging.NOTSET, *, capacity: int = 1000) -> None:
        """Write to the app of `host`, lines of that level and above; at most `capacity` of them wait.

        Raises:
            ValueError: `capacity` is below 1.
        """
        if capacity < 1:
            msg = f"`capacity` must be 1 or more, not {capacity}"
            raise ValueError(msg)
        super().__init__(level)
        self._host = host
        self._capacity = capacity
        self._lost_in_all = 0
        self._begin()
        if hasattr(os, "register_at_fork"):
            # A forked child has no thread that writes, and what waits is its parent's to write.
            begin = WeakMethod(self._begin)
            os.register_at_fork(after_in_child=lambda: (method := begin()) and method())

    @property
    def lost(self) -> int:
        """How many lines were lost so far."""
        return self._lost_in_all

    def emit(self, record: logging.LogRecord) -> None:
        """Leave a record to the thread that writes; never waits."""
        if current_thread() is self._writer:
            return
        try:
            line = _line(record, self.format(record))
        except Exception:
            self.handleError(record)
            return
        with self._changed:
            if self._is_closed or len(self._waiting) >= self._capacity:
                self._lose()
                return
            self._waiting.append((self._lost, line))
            self._lost = 0
            if self._writer is None:
                self._writer = Thread(target=self._write, name="log-handler", daemon=True)
                self._writer.start()
            self._changed.notify_all()

    def flush(self) -> None:
        """Wait until all is written, for at most 2 s."""
        with self._changed:
            if current_thread() is not self._writer:
                self._changed.wait_for(lambda: not self._waiting and not self._is_writing, _FLUSHED_WITHIN_S)

    def close(self) -> None:
        """Write what waits, for at most 2 s, and let the thread end; later lines are lost."""
        self.flush()
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        super().close()

    def _begin(self) -> None:
        self._changed = Condition()
        self._waiting = deque()
        self._lost = 0
        self._writer = None
        self._is_writing = self._is_closed = False

    def _lose(self) -> None:
        self._lost += 1
        self._lost_in_all += 1

    def _write(self) -> None:
        while True:
            with self._changed:
                self._is_writing = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._waiting or self._is_closed)
                if not self._waiting:
                    return
                lost, line = self._waiting.popleft()
                self._is_writing = True
            try:
                if lost:
                    self._host.invoke(_COMMAND, _gap(lost), timeout_s=_WRITTEN_WITHIN_S)
                    lost = 0
                self._host.invoke(_COMMAND, line, timeout_s=_WRITTEN_WITHIN_S)
            except Exception:
                with self._changed:
                    self._lose()
                    self._lost += lost


def _line(record: logging.LogRecord, message: str) -> dict[str, object]:
    return {
        "level": _level(record.levelno),
        "message": message,
        "location": record.name,
        "file": record.pathname,
        "line": record.lineno,
    }


def _gap(lost: int) -> dict[str, object]:
    message = f"{lost} lines of the log were lost here; the app took them too slowly, or not at all"
    return {"level": _WARN, "message": message, "location": __name__}


def _level(number: int) -> int:
    of_tauri = ((logging.ERROR, _ERROR), (logging.WARNING, _WARN), (logging.INFO, _INFO), (logging.DEBUG, _DEBUG))
    return next((level for least, level in of_tauri if number >= least), _TRACE)
