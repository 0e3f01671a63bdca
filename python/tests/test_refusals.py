"""What a refusal says beside the host's own words, and what a call says that cannot load its own code."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from hosts import LIMIT_S, Call, Run

from sidecar_bridge import AsyncHost, Host, InvalidArgumentError, NotFoundError, PermissionDeniedError, get_host
from sidecar_bridge._client import known
from sidecar_bridge._tauri_api.package import snake
from sidecar_bridge.testing import FakeHost

# Exhausts the file descriptors once a connection is there, so that nothing but imports needs one.
AT_THE_LIMIT = """
import asyncio, os, resource, sys
from sidecar_bridge import AsyncHost, Host, TransportError

resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
host = Host(sys.argv[1], sys.argv[2])

def at_the_limit(*calls):
    taken = []
    try:
        while True:
            taken.append(os.dup(0))
    except OSError:
        pass
    for call in calls:
        try:
            call()
        except TransportError as error:
            assert error.retryable, error
            print(error)
        else:
            raise SystemExit("it was loaded")
    for descriptor in taken:
        os.close(descriptor)

host.invoke("greet")
window = host.window("main")
at_the_limit(
    lambda: host.dialog,
    lambda: host.invoke("greet", returns=dict[str, int]),
    lambda: host.listen("news"),
    lambda: host.channel(),
    lambda: window.on_resized(print),
)
assert host.invoke("greet", returns=str) == "hello"
host.window("main").set_title("Orders")

async def main():
    host = AsyncHost(sys.argv[1], sys.argv[2])
    await host.invoke("greet")
    at_the_limit(lambda: host.clipboard, lambda: host.listen("news"))
    await host.clipboard.write_text("12 orders")

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no such limit")
def test_a_call_that_cannot_load_its_code_says_so_and_may_be_made_again(fake: FakeHost) -> None:
    fake.answers("greet", "hello")
    command = [sys.executable, "-c", AT_THE_LIMIT, fake.path, fake.token]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert ended.returncode == 0, ended.stderr
    said = ended.stdout.splitlines()
    assert len(said) == 7
    for line in said:
        assert line.startswith("a module that the call needs was not loaded, and nothing was sent: [Errno 24] Too many")
        assert line.endswith("is `ulimit -n` too low?")
    assert fake.desktop.clipboard == "12 orders"


@pytest.mark.parametrize(
    ("code", "detail", "meant"),
    [
        ("not_found", "no command `plugin:window|set_titel`; register it", "plugin:window|set_title"),
        ("permission_denied", "command `plugin:dailog|open` is not granted", "plugin:dialog|open"),
        ("permission_denied", "command `plugin:fs|write_txt_file` cannot be granted", "plugin:fs|write_text_file"),
        ("not_found", "no command `plugin:own|print`; register it", None),
        ("permission_denied", "command `plugin:window|set_title` is not granted", None),
        ("not_found", "no command `greet`; register it", None),
        ("failed_precondition", "no command `plugin:window|set_titel`; register it", None),
    ],
)
def test_a_misspelt_command_is_refused_with_the_one_that_was_meant(
    run: Run, fake: FakeHost, code: Any, detail: str, meant: str | None
) -> None:
    fake.refuses("anything", code, detail)

    def call(host: Any) -> Any:
        return host.invoke("anything")

    with pytest.raises(Exception, match=f"^{code}: ") as refused:
        run(call)
    assert str(refused.value) == f"{code}: {detail}" + (f"; did you mean `{meant}`?" if meant else "")


def test_the_test_kit_says_too_which_command_was_meant(fake: FakeHost) -> None:
    with pytest.raises(
        Exception, match=r"does not say what command `plugin:fs\|raed_file` answers; .* did you mean `plu"
    ):
        fake.host.invoke("plugin:fs|raed_file")


@pytest.mark.parametrize(
    ("platform", "command", "system"),
    [
        ("linux", "plugin:window|set_badge_label", "macOS"),
        ("linux", "plugin:window|set_overlay_icon", "Windows"),
        ("darwin", "plugin:window|set_overlay_icon", "Windows"),
        ("darwin", "plugin:window|set_badge_label", None),
    ],
)
def test_a_command_of_another_system_is_told_to_be_one(
    fake: FakeHost, monkeypatch: pytest.MonkeyPatch, platform: str, command: str, system: str | None
) -> None:
    detail = f"no command `{command}`; register it in the app's invoke handler or add its plugin"
    fake.refuses("anything", "not_found", detail)
    monkeypatch.setattr(known, "_platform", platform)
    with pytest.raises(NotFoundError) as refused:
        fake.host.invoke("anything")
    here = f"no command `{command}` on this system: Tauri has it on {system} alone; ask `sys.platform` before"
    assert refused.value.problem.detail == (here if system else detail)
    denied = f"command `{command}` is not granted"
    fake.refuses("anything", "permission_denied", denied)
    with pytest.raises(PermissionDeniedError) as not_granted:
        fake.host.invoke("anything")
    of_no_use = f"; that is of no use on this system, since Tauri has it on {system} alone; ask `sys.platform` before"
    assert not_granted.value.problem.detail == denied + (of_no_use if system else "")


@pytest.mark.parametrize(
    ("command", "asks"),
    [
        ("dialog|open", "; did you mean `plugin:dialog|open`?"),
        ("greet|all", "; did you mean `plugin:greet|all`?"),
        ("plugin:dialog", ""),
        ("plugin:dialog|", ""),
        ("plugin:|open", ""),
    ],
)
def test_a_name_that_lacks_a_part_of_a_plugins_is_refused_alike_by_a_host_and_the_test_kit(
    call: Call, fake: FakeHost, command: str, asks: str
) -> None:
    fake.answers(command, "a test that has the same mistake")
    for of_host in (call, in_kit(fake)):
        with pytest.raises(NotFoundError) as error:
            of_host(lambda host: host.invoke(command))
        said = f"no command `{command}`: those of a plugin are named `plugin:<plugin>|<command>`{asks}"
        assert error.value.problem.detail == said


WRONG: dict[str, tuple[Callable[[Any], Any], str]] = {
    "command": (lambda host: host.invoke(5), "`command` must be a str, not int"),
    "command with arguments": (lambda host: host.invoke(None, {}), "`command` must be a str, not NoneType"),
    "command with bytes": (lambda host: host.invoke(b"greet", b""), "`command` must be a str, not bytes"),
    "command with a result": (lambda host: host.invoke(5, returns=str), "`command` must be a str, not int"),
    "window": (lambda host: host.invoke("greet", window=5), "`window` must be a str, not int"),
    "window of a plugin": (lambda host: host.dialog.using(window=5).open(), "`window` must be a str, not int"),
    "window of a window": (lambda host: host.window(5).title(), "`window` must be a str, not int"),
    "window of an action": (lambda host: host.window(5).toggle_maximize(), "`window` must be a str, not int"),
    "time": (lambda host: host.invoke("greet", timeout_s="5"), "timeout_s is of type str; give seconds as a number"),
    "event": (lambda host: host.emit(5), "`name` must be a str, not int"),
    "target": (lambda host: host.emit("news", target=5), "`target` must be a str, not int"),
    "window of an event": (lambda host: host.emit("news", window=5), "`window` must be a str, not int"),
    "event to hear": (lambda host: entered(host.listen(5)), "`name` must be a str, not int"),
    "window to hear in": (lambda host: entered(host.listen("news", window=5)), "`window` must be a str, not int"),
    "window of a channel": (lambda host: entered(host.channel(window=5)), "`window` must be a str, not int"),
    "activity": (lambda host: host.report_startup(5), "`activity` must be a str, not int"),
}


def in_kit(fake: FakeHost) -> Call:
    """Use the host of the test kit, as `call` uses a real one."""

    def use(act: Callable[[Any], Any]) -> Any:
        return act(fake.host)

    return use


def entered(manager: Any) -> Any:
    return manager.__aenter__() if hasattr(manager, "__aenter__") else manager.__enter__()


@pytest.mark.parametrize(("use", "said"), WRONG.values(), ids=WRONG)
def test_an_argument_of_another_type_is_refused_by_its_name(
    run: Run, fake: FakeHost, use: Callable[[Any], Any], said: str
) -> None:
    with pytest.raises(TypeError, match=f"^{said}"):
        run(use)
    assert fake.calls == []


def test_a_name_of_a_channel_that_is_no_name_is_refused_by_its_type(fake: FakeHost) -> None:
    with pytest.raises(TypeError, match=r"^a name in `channels` must be a str, not int"):
        fake.host.invoke("greet", channels={5: print})  # type: ignore[dict-item]


def test_the_test_kit_takes_no_other_percentage_than_a_host(call: Call, fake: FakeHost) -> None:
    for of_host in (call, in_kit(fake)):
        with pytest.raises(InvalidArgumentError, match="`percent` is 101; give 0 to 100, or leave it out"):
            of_host(lambda host: host.report_startup("importing", 101))
    assert fake.startups == []


@pytest.fixture
def heard(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.WARNING, "sidecar_bridge")
    return caplog


async def test_a_blocking_call_in_a_loop_is_told_once_with_the_remedy(
    fake: FakeHost, heard: pytest.LogCaptureFixture
) -> None:
    fake.answers("greet", "hello")
    with Host(fake.path, fake.token) as host:
        for _ in "12":
            assert host.invoke("greet") == "hello"
        with host.listen("news"):
            pass
    (said,) = heard.records
    assert said.message == (
        "a call of `Host` holds up the event loop of its thread, and all tasks there; use `AsyncHost`, as of "
        "`get_async_host()` or `HostDep`, or `await asyncio.to_thread(...)`"
    )
    # Where the call is.
    assert "test_a_blocking_call_in_a_loop" in (said.stack_info or "")


async def test_a_blocking_subscription_in_a_loop_is_told_too(fake: FakeHost, heard: pytest.LogCaptureFixture) -> None:
    with Host(fake.path, fake.token) as host, host.listen("news"):
        assert len(heard.records) == 1


async def test_the_apps_blocking_host_is_told_of_loops_in_a_test_as_in_an_app(
    fake: FakeHost, heard: pytest.LogCaptureFixture
) -> None:
    fake.answers("greet", "hello")
    fake.host.invoke("greet")
    assert heard.records == [], "a test may use both twins in its loop"
    get_host().invoke("greet")
    (said,) = heard.records
    assert said.message.startswith("a call of `Host` holds up the event loop of its thread")


async def test_threads_are_not_told_of_loops(heard: pytest.LogCaptureFixture) -> None:
    with FakeHost() as other:
        other.answers("greet", "hello")
        with Host(other.path, other.token) as host:
            await asyncio.to_thread(host.invoke, "greet")
            thread = threading.Thread(target=host.invoke, args=["greet"])
            thread.start()
            await asyncio.to_thread(thread.join)
        async with AsyncHost(other.path, other.token) as async_host:
            await async_host.invoke("greet")
    assert heard.records == []


@pytest.mark.parametrize(
    ("name", "python"),
    [
        ("writeFilesURIs", "write_files_uris"),
        ("URIs", "uris"),
        ("getIDsOfAll", "get_ids_of_all"),
        ("parseURL", "parse_url"),
        ("HTTPServer", "http_server"),
        ("isPDFs2", "is_pdfs2"),
    ],
)
def test_acronyms_are_one_word_also_in_the_plural(name: str, python: str) -> None:
    assert snake(name) == python
