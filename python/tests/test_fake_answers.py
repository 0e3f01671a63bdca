"""What a test gives to a fake host: models, and calls step by step; and a fake host that nobody closes."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from queue import SimpleQueue
from typing import Annotated, Any

import pytest
from hosts import LIMIT_S
from pydantic import BaseModel, Field

from sidecar_bridge import (
    AsyncChannel,
    BridgeError,
    CommandError,
    DeadlineExceededError,
    ProblemError,
    ResourceExhaustedError,
    TransportError,
)
from sidecar_bridge.testing import FakeHost, FakeWindow


def test_labels_in_arguments_count(fake: FakeHost) -> None:
    fake.windows["report"] = FakeWindow()
    fake.host.invoke("plugin:window|set_title", {"label": "report", "value": "Report"})
    fake.host.invoke("plugin:window|set_title", {"label": "", "value": "Main"}, window="main")
    fake.host.invoke("plugin:window|maximize", {"label": "main"}, window="report")
    assert [(window.title, window.maximized) for window in fake.windows.values()] == [("Main", True), ("Report", False)]
    assert fake.window_actions == [("report", "set_title"), ("main", "set_title"), ("main", "maximize")]
    with pytest.raises(CommandError) as raised:
        fake.host.invoke("plugin:window|set_title", {"label": "absent", "value": "x"})
    assert raised.value.error == "window not found"


class User(BaseModel):
    name: Annotated[str, Field(alias="firstName")]
    born: date


@dataclass
class Progress:
    at: datetime
    user: User


ADA = User.model_validate({"firstName": "Ada", "born": "1815-12-10"})
AT = datetime(2024, 12, 31, tzinfo=UTC)
PROGRESS = {"at": "2024-12-31T00:00:00+00:00", "user": {"firstName": "Ada", "born": "1815-12-10"}}


def test_models_are_answers_errors_messages_and_payloads(fake: FakeHost) -> None:
    fake.answers("greet", ADA)
    assert fake.host.invoke("greet", returns=User) == ADA
    fake.answers("greet", lambda call: [Progress(AT, ADA)])
    assert fake.host.invoke("greet") == [PROGRESS]
    fake.fails("greet", Progress(AT, ADA))
    with pytest.raises(CommandError) as raised:
        fake.host.invoke("greet")
    assert raised.value.error == PROGRESS
    with pytest.raises(TypeError, match=r"the error of command `greet` cannot be sent as JSON: `\$` is of type object"):
        fake.fails("greet", object())
    told: list[object] = []
    fake.answers("greet", messages={"onStep": [Progress(AT, ADA)]})
    fake.host.invoke("greet", channels={"onStep": told.append})
    assert told == [PROGRESS]
    with fake.host.listen("moved", returns=Progress) as moved:
        fake.emit("moved", Progress(AT, ADA))
        assert moved.receive(LIMIT_S) == Progress(AT, ADA)


async def test_a_call_is_led_step_by_step(fake: FakeHost) -> None:
    download = fake.steps("download")
    progress, log = AsyncChannel(float), AsyncChannel[Any]()
    channels = {"onProgress": progress, "onLog": log}
    call = asyncio.create_task(fake.async_host.invoke("download", {"url": "u"}, channels=channels, returns=Path))
    download.send("onProgress", 50)
    assert await anext(progress) == 50
    assert not call.done()
    download.send("onLog", b"raw")
    assert await anext(log) == b"raw"
    assert fake.args_of("download") == [{"url": "u"}]
    download.answer(Path("/a"))
    assert await call == Path("/a")
    assert [step async for step in progress] == []


@pytest.mark.parametrize(
    ("end", "error"),
    [
        (lambda steps: steps.fail("gone"), CommandError),
        (lambda steps: steps.refuse("resource_exhausted"), ResourceExhaustedError),
        (lambda steps: steps.break_off(), TransportError),
    ],
)
@pytest.mark.parametrize("with_channels", [True, False])
async def test_it_fails_in_between(
    fake: FakeHost, end: Callable[[Any], None], error: type[BridgeError], with_channels: bool
) -> None:
    download = fake.steps("download")
    progress = AsyncChannel[Any]()
    channels = {"onProgress": progress} if with_channels else {}
    call = asyncio.create_task(fake.async_host.invoke("download", channels=channels))
    if with_channels:
        download.send("onProgress", {"percent": 50})
        assert await anext(progress) == {"percent": 50}
    end(download)
    with pytest.raises(error):
        await call
    if with_channels:
        assert [step async for step in progress] == []
    assert fake.errors == []


def test_steps_for_blocking_code(fake: FakeHost) -> None:
    download = fake.steps("download")
    told: SimpleQueue[object] = SimpleQueue()
    with ThreadPoolExecutor(1) as thread:
        call = thread.submit(fake.host.invoke, "download", channels={"onProgress": told.put})
        download.send("onProgress", 1)
        assert told.get(timeout=LIMIT_S) == 1
        download.send("onProgress", 2)
        assert told.get(timeout=LIMIT_S) == 2
        download.answer(b"raw")
        assert call.result(LIMIT_S) == b"raw"
    with pytest.raises(ValueError, match=r"the call of `download` is over; `fake_host.steps` gives the steps of one"):
        download.send("onProgress", 3)
    with pytest.raises(ProblemError, match=r"was called once and command `download` twice; call it once for each call"):
        fake.host.invoke("download")
    assert len(fake.errors) == 1


def test_a_channel_that_the_call_does_not_have(fake: FakeHost) -> None:
    fake.steps("download").send("onLog", 1)
    with pytest.raises(ProblemError, match=r"with the channels \['onProgress'\], and not with `onLog`"):
        fake.host.invoke("download", channels={"onProgress": pytest.fail})
    fake.steps("download").send("onLog", 1)
    with pytest.raises(ProblemError, match=r"with the channels \[\], and not with `onLog`"):
        fake.host.invoke("download")
    assert len(fake.errors) == 2


def test_an_app_that_leaves_in_between(fake: FakeHost) -> None:
    download = fake.steps("download")
    with pytest.raises(DeadlineExceededError):
        fake.host.invoke("download", channels={"onProgress": pytest.fail}, timeout_s=0.05)
    for number in range(100):
        download.send("onProgress", "x" * number * 1000)
    download.answer()
    fake.close()
    assert fake.errors == []


def test_a_call_in_the_middle_of_its_steps_does_not_keep_a_host_from_closing(fake: FakeHost) -> None:
    fake.steps("download")
    with ThreadPoolExecutor(1) as thread:
        call = thread.submit(fake.host.invoke, "download", channels={"onProgress": pytest.fail})
        fake.wait_until(lambda: fake.calls)
        fake.close()
        assert isinstance(call.exception(LIMIT_S), TransportError)


UNCLOSED = """
from threading import Thread
from sidecar_bridge.testing import FakeHost, FakeWindow

fake = FakeHost()
fake.holds("greet")
fake.steps("download")
Thread(target=fake.host.invoke, args=["greet"], daemon=True).start()
channels = {"onProgress": print}
Thread(target=fake.host.invoke, args=["download"], kwargs={"channels": channels}, daemon=True).start()
events = fake.host.listen("tick")
events.__enter__()
fake.wait_until(lambda: len(fake.calls) == 2)
print(fake.path)
"""


def test_one_that_is_not_closed_keeps_no_interpreter(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", UNCLOSED], capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert not Path(done.stdout.strip()).parent.exists()
