"""Lines of Python's logging in the app's log: `sidecar_bridge.tauri.log.LogHandler`."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from hosts import LIMIT_S

from sidecar_bridge.tauri.log import LogHandler, LogLevel
from sidecar_bridge.testing import FakeHost

LOG = "plugin:log|log"


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    logger = logging.getLogger("app.orders")
    logger.propagate = False
    logger.setLevel(1)
    yield logger
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()


def to(fake: FakeHost, logger: logging.Logger, **options: Any) -> LogHandler:
    handler = LogHandler(fake.host, **options)
    logger.addHandler(handler)
    return handler


def messages(fake: FakeHost) -> list[str]:
    return [args["message"] for args in fake.args_of(LOG)]


@pytest.mark.parametrize(
    ("number", "level"),
    [
        (5, LogLevel.TRACE),
        (logging.DEBUG, LogLevel.DEBUG),
        (logging.INFO, LogLevel.INFO),
        (25, LogLevel.INFO),
        (logging.WARNING, LogLevel.WARN),
        (logging.ERROR, LogLevel.ERROR),
        (logging.CRITICAL, LogLevel.ERROR),
    ],
)
def test_a_record_is_a_line_with_its_level_logger_and_place(
    number: int, level: LogLevel, logger: logging.Logger, fake_host: FakeHost
) -> None:
    fake_host.answers(LOG)
    handler = to(fake_host, logger)
    logger.log(number, "%d orders of %s", 2, "héllo")
    handler.flush()
    (args,) = fake_host.args_of(LOG)
    line = args.pop("line")
    assert line > 1
    assert args == {"level": level.value, "message": "2 orders of héllo", "location": "app.orders", "file": __file__}


def test_the_formatter_and_the_level_are_those_of_every_handler(logger: logging.Logger, fake_host: FakeHost) -> None:
    fake_host.answers(LOG)
    handler = to(fake_host, logger, level="WARNING")
    handler.setFormatter(logging.Formatter("<%(message)s>"))
    logger.info("not this")
    try:
        raise ValueError("what happened")
    except ValueError:
        logger.exception("this")
    handler.flush()
    (message,) = messages(fake_host)
    assert message.startswith("<this>\nTraceback")
    assert message.endswith("ValueError: what happened")


def test_whoever_logs_does_not_wait_and_what_is_too_much_is_counted(
    logger: logging.Logger, fake_host: FakeHost
) -> None:
    held = fake_host.holds(LOG)
    handler = to(fake_host, logger, capacity=2)
    logger.info("first")
    fake_host.wait_until(lambda: messages(fake_host) == ["first"])
    for number in range(5):
        logger.info("%d", number)
    assert handler.lost == 3
    fake_host.answers(LOG)
    held.set()
    handler.flush()
    logger.info("last")
    handler.flush()
    gap = "3 lines of the log were lost here; the app took them too slowly, or not at all"
    assert messages(fake_host) == ["first", "0", "1", gap, "last"]


def test_what_the_app_does_not_take_is_counted_and_breaks_nothing(logger: logging.Logger, fake_host: FakeHost) -> None:
    fake_host.refuses(LOG)
    handler = to(fake_host, logger)
    logger.info("a")
    logger.info("b")
    handler.flush()
    assert handler.lost == 2
    fake_host.answers(LOG)
    logger.info("c")
    handler.flush()
    assert messages(fake_host)[-1] == "c"
    assert messages(fake_host)[-2].startswith("2 lines of the log were lost here")
    fake_host.close()
    logger.info("d")
    handler.flush()
    assert handler.lost == 3


def test_a_record_that_cannot_be_formatted_is_reported_as_logging_does(
    fake_host: FakeHost, capsys: pytest.CaptureFixture[str]
) -> None:
    handler = LogHandler(fake_host.host)
    handler.handle(logging.makeLogRecord({"msg": "%d", "args": ("no number",)}))
    handler.flush()
    assert "--- Logging error ---" in capsys.readouterr().err
    assert messages(fake_host) == []


def test_what_is_logged_while_a_line_is_written_does_not_come_back(logger: logging.Logger) -> None:
    class Host:
        def __init__(self) -> None:
            self.lines: list[object] = []

        def invoke(self, command: str, args: Any, *, timeout_s: float) -> object:
            logger.info("inside")
            self.lines.append((command, args["message"], timeout_s))
            return None

    host = Host()
    handler = LogHandler(host)
    logger.addHandler(handler)
    logger.info("outside")
    handler.flush()
    assert host.lines == [(LOG, "outside", 10.0)]


def test_the_app_is_given_two_seconds_at_the_end(
    logger: logging.Logger, fake_host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sidecar_bridge.tauri._handler._FLUSHED_WITHIN_S", 0.01)
    held = fake_host.holds(LOG)
    handler = to(fake_host, logger)
    logger.info("a")
    fake_host.wait_until(lambda: messages(fake_host) == ["a"])
    handler.close()
    logger.info("after the end")
    assert handler.lost == 1
    writer = handler._writer
    held.set()
    assert writer is not None
    writer.join(LIMIT_S)
    assert not writer.is_alive()


def test_close_writes_what_waits_and_ends_the_thread(logger: logging.Logger, fake_host: FakeHost) -> None:
    fake_host.answers(LOG)
    handler = to(fake_host, logger)
    for number in range(50):
        logger.info("%d", number)
    handler.close()
    assert messages(fake_host) == [str(number) for number in range(50)]
    writer = handler._writer
    assert writer is not None
    writer.join(LIMIT_S)
    assert not writer.is_alive()


def test_a_handler_that_has_written_nothing_has_no_thread_and_is_collected(fake_host: FakeHost) -> None:
    before = threading.active_count()
    handler = weakref.ref(LogHandler(fake_host.host))
    gc.collect()
    assert (handler(), threading.active_count()) == (None, before)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_writes_its_own_lines_alone(logger: logging.Logger, fake_host: FakeHost) -> None:
    held = fake_host.holds(LOG)
    handler = to(fake_host, logger)
    logger.info("of the parent")
    logger.info("of the parent, waits")
    fake_host.wait_until(lambda: len(messages(fake_host)) == 1)

    def in_child() -> None:
        logger.info("of the child")
        handler.flush()

    child = multiprocessing.get_context("fork").Process(target=in_child)
    child.start()
    fake_host.wait_until(lambda: "of the child" in messages(fake_host))
    held.set()
    child.join(LIMIT_S)
    assert child.exitcode == 0
    handler.flush()
    assert messages(fake_host) == ["of the parent", "of the child", "of the parent, waits"]


def test_without_a_place_for_a_line_there_is_no_handler(fake_host: FakeHost) -> None:
    with pytest.raises(ValueError, match="`capacity` must be 1 or more, not 0"):
        LogHandler(fake_host.host, capacity=0)


def test_a_program_ends_though_the_app_takes_no_line(fake_host: FakeHost) -> None:
    hold = fake_host.holds(LOG)
    code = f"""
import logging
from sidecar_bridge import Host
from sidecar_bridge.tauri.log import LogHandler
logging.getLogger().addHandler(LogHandler(Host({fake_host.path!r}, {fake_host.token!r})))
logging.error("last words")
"""
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], check=False, capture_output=True, text=True, timeout=LIMIT_S
    )
    assert (done.returncode, done.stderr) == (0, "")
    hold.set()
