"""What tells how far it is: files to and from servers, and updates of the app."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hosts import Run

from sidecar_bridge import (
    CommandError,
    FailedPreconditionError,
    ResourceClosedError,
    UnexpectedTypeError,
)
from sidecar_bridge.desktop import AsyncUpdate, Update
from sidecar_bridge.tauri import updater
from sidecar_bridge.tauri.upload import Progress
from sidecar_bridge.testing import Call, FakeHost

URL = "http://HOST/up"
STEP = {"progress": 16384, "progressTotal": 24460, "total": 100000, "transferSpeed": 0}


def test_a_file_is_sent_and_each_piece_is_told(run: Run, fake: FakeHost) -> None:
    body = "POST len=9 te=None ct=None body=b'upload me'"
    fake.answers("plugin:upload|upload", body, messages={"onProgress": [STEP, {**STEP, "progressTotal": 40844}]})
    told: list[Progress] = []
    upload: Callable[[Any], Any] = lambda host: host.upload.upload(  # noqa: E731
        URL, Path("/dir/up.txt"), method="PUT", headers={"X": "y"}, on_progress=told.append
    )
    assert run(upload) == body
    assert told == [Progress(16384, 24460, 100000, 0), Progress(16384, 40844, 100000, 0)]
    (args,) = fake.args_of("plugin:upload|upload")
    assert {**args, "onProgress": ""} == {
        "url": URL,
        "filePath": "/dir/up.txt",
        "headers": {"X": "y"},
        "method": "PUT",
        "onProgress": "",
    }


def test_a_file_is_received_and_nobody_has_to_look(run: Run, fake: FakeHost) -> None:
    fake.answers("plugin:upload|download", None, messages={"onProgress": [STEP]})
    run(lambda host: host.upload.download(URL, "/dir/down.bin"))
    run(lambda host: host.upload.download(URL, "/dir/down.bin", body="{}"))
    first, second = fake.args_of("plugin:upload|download")
    assert {**first, "onProgress": ""} == {"url": URL, "filePath": "/dir/down.bin", "headers": {}, "onProgress": ""}
    assert second["body"] == "{}"


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"method": "put"}, ValueError, "`method` must be one of 'POST', 'PUT', 'PATCH', not 'put'"),
        ({"headers": {"X": 1}}, TypeError, r"`headers\['X'\]` must be a str, not int"),
        ({"on_progress": 1}, TypeError, "`on_progress` must be a plain function, not int"),
    ],
)
def test_a_wrong_argument_is_refused_before_it_leaves(
    options: dict[str, Any], kind: type[Exception], message: str, run: Run, fake: FakeHost
) -> None:
    with pytest.raises(kind, match=message):
        run(lambda host: host.upload.upload(URL, "/dir/up.txt", **options))
    assert not fake.calls


async def test_a_function_that_would_have_to_be_awaited_is_refused(fake_host: FakeHost) -> None:
    async def wrong(_progress: object) -> None: ...

    with pytest.raises(TypeError, match="`on_progress` must be a plain function, not a coroutine function"):
        await fake_host.async_host.upload.download(URL, "/dir/down.bin", on_progress=wrong)


def test_an_exception_of_the_function_ends_the_call(run: Run, fake: FakeHost) -> None:
    fake.answers("plugin:upload|download", None, messages={"onProgress": [STEP]})

    def stop(progress: Progress) -> None:
        raise ValueError(progress.total)

    with pytest.raises(ValueError, match=r"^100000$"):
        run(lambda host: host.upload.download(URL, "/dir/down.bin", on_progress=stop))


def test_errors_are_those_of_the_server_and_of_the_app(run: Run, fake: FakeHost) -> None:
    fake.fails("plugin:upload|download", "request failed with status code 404: nothing here")
    with pytest.raises(CommandError, match="404: nothing here"):
        run(lambda host: host.upload.download(URL, "/dir/down.bin"))
    fake.refuses("plugin:upload|download", "failed_precondition", "the app has no interceptor for channels")
    with pytest.raises(FailedPreconditionError, match="interceptor"):
        run(lambda host: host.upload.download(URL, "/dir/down.bin"))
    fake.answers("plugin:upload|download", None, messages={"onProgress": [{"progress": 1}]})
    with pytest.raises(UnexpectedTypeError, match=r"channel `onProgress` of command `plugin:upload\|download` has"):
        run(lambda host: host.upload.download(URL, "/dir/down.bin"))


RID, BYTES = 1028756094, 77
METADATA = {
    "rid": RID,
    "currentVersion": "1.0.0",
    "version": "1.1.0",
    "date": "2026-11-29T12:00:00Z",
    "body": None,
    "rawJson": {"version": "1.1.0", "more": [1]},
}
STEPS = [
    {"event": "Started", "data": {"contentLength": 10}},
    {"event": "Progress", "data": {"chunkLength": 4}},
    {"event": "Progress", "data": {"chunkLength": 6}},
    {"event": "Finished"},
]


def test_no_newer_version_is_none(run: Run, fake: FakeHost) -> None:
    fake.answers("plugin:updater|check", None)
    assert run(lambda host: host.updater.check()) is None
    assert fake.args_of("plugin:updater|check") == [{}]


def test_a_question_has_headers_as_pairs_and_milliseconds(run: Run, fake: FakeHost) -> None:
    fake.answers("plugin:updater|check", None)
    options = {"headers": {"a": "b"}, "within": timedelta(seconds=1), "proxy": "http://p/", "target": "x"}
    run(lambda host: host.updater.check(**options))
    sent = {"headers": [["a", "b"]], "timeout": 1000, "proxy": "http://p/", "target": "x"}
    assert fake.args_of("plugin:updater|check") == [sent]
    with pytest.raises(TypeError, match="`within` must be a timedelta, not int"):
        run(lambda host: host.updater.check(within=1000))
    fake.fails("plugin:updater|check", "Updater does not have any endpoints set.")
    with pytest.raises(CommandError, match="does not have any endpoints set"):
        run(lambda host: host.updater.check())


@pytest.fixture
async def update(fake_host: FakeHost) -> AsyncUpdate:
    fake_host.answers("plugin:updater|check", METADATA)
    fake_host.answers("plugin:updater|download", BYTES, messages={"onEvent": STEPS})
    fake_host.answers("plugin:updater|install")
    fake_host.answers("plugin:updater|download_and_install", None, messages={"onEvent": STEPS})
    fake_host.answers("plugin:resources|close")
    found = await fake_host.async_host.updater.check()
    assert found is not None
    return found


async def test_an_update_says_what_the_server_says(update: AsyncUpdate, fake_host: FakeHost) -> None:
    assert (update.rid, update.version, update.current_version, update.body) == (RID, "1.1.0", "1.0.0", None)
    assert update.date == datetime(2026, 11, 29, 12, tzinfo=UTC)
    assert update.raw["more"] == [1]
    await update.close()
    assert fake_host.undone == [Call("plugin:resources|close", {"rid": RID}, "main")]


async def test_an_update_is_downloaded_now_and_installed_later(update: AsyncUpdate, fake_host: FakeHost) -> None:
    told: list[updater.Progress] = []
    with pytest.raises(ValueError, match="nothing was downloaded that could be installed"):
        await update.install()
    await update.download(on_progress=told.append, headers={"a": "b"})
    assert told == [updater.Progress(4, 10), updater.Progress(10, 10)]
    states = [update.is_downloaded]
    await update.install(restart_after_install=False)
    assert [*states, update.is_downloaded] == [True, False]
    assert fake_host.args_of("plugin:updater|install") == [
        {"updateRid": RID, "bytesRid": BYTES, "restartAfterInstall": False}
    ]
    (args,) = fake_host.args_of("plugin:updater|download")
    assert {**args, "onEvent": ""} == {"rid": RID, "headers": [["a", "b"]], "onEvent": ""}
    await update.close()
    assert fake_host.args_of("plugin:resources|close") == [{"rid": RID}]


async def test_what_was_downloaded_and_not_installed_goes_with_the_handle(
    update: AsyncUpdate, fake_host: FakeHost
) -> None:
    async with update:
        await update.download()
        await update.download()
    assert fake_host.args_of("plugin:resources|close") == [{"rid": BYTES}, {"rid": BYTES}, {"rid": RID}]
    for use in (update.download, update.download_and_install):
        with pytest.raises(ResourceClosedError, match="AsyncUpdate"):
            await use()


async def test_both_at_once(update: AsyncUpdate, fake_host: FakeHost) -> None:
    told: list[updater.Progress] = []
    await update.download_and_install(within=timedelta(minutes=1), restart_after_install=True, on_progress=told.append)
    assert told[-1] == updater.Progress(10, 10)
    (args,) = fake_host.args_of("plugin:updater|download_and_install")
    assert {**args, "onEvent": ""} == {"rid": RID, "timeout": 60_000, "restartAfterInstall": True, "onEvent": ""}
    fake_host.fails("plugin:updater|download_and_install", f"The resource id {RID} is invalid.")
    with pytest.raises(ResourceClosedError, match="closed by the app"):
        await update.download_and_install()


def test_an_update_has_a_blocking_twin(fake_host: FakeHost) -> None:
    fake_host.answers("plugin:updater|check", METADATA)
    fake_host.answers("plugin:updater|download_and_install", None, messages={"onEvent": STEPS})
    found = fake_host.host.updater.check()
    assert isinstance(found, Update)
    told: list[updater.Progress] = []
    with found as update:
        update.download_and_install(on_progress=told.append)
    assert [each.downloaded for each in told] == [4, 10]


async def test_an_answer_without_a_version_is_none_of_tauris(fake_host: FakeHost) -> None:
    fake_host.answers("plugin:updater|check", {"rid": RID})
    with pytest.raises(UnexpectedTypeError, match=r"`plugin:updater\|check` has 'version'"):
        await fake_host.async_host.updater.check()
