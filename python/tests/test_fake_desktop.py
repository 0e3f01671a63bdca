"""What a fake host has for headers, channels and what is undone, for both twins."""

from __future__ import annotations

from threading import Thread
from typing import Any

import pytest
from hosts import LIMIT_S, Run

from sidecar_bridge import Host
from sidecar_bridge.testing import Call, FakeHost


def test_the_headers_of_a_call(run: Run, fake: FakeHost) -> None:
    fake.answers("plugin:fs|write_file")
    run(lambda host: host.invoke("plugin:fs|write_file", b"x", headers={"Path": "/a%20b"}))
    assert fake.calls == [Call("plugin:fs|write_file", b"x", None, {"path": "/a%20b"})]


def test_messages_over_a_channel_of_the_app(run: Run, fake: FakeHost) -> None:
    fake.answers("plugin:tray|new", [7, "tray"])

    def click() -> None:
        fake.wait_until(lambda: fake.args_of("plugin:tray|new"))
        channel = fake.args_of("plugin:tray|new")[0]["handler"]
        for message in ({"type": "Click"}, b"\0\1", b"", None):
            fake.send(channel, message)

    def use(host: Any) -> Any:
        if isinstance(host, Host):
            with host.channel() as clicks:
                host.invoke("plugin:tray|new", {"options": {}, "handler": clicks})
                return [clicks.receive(LIMIT_S) for _ in range(4)]

        async def main() -> Any:
            async with host.channel() as clicks:
                await host.invoke("plugin:tray|new", {"options": {}, "handler": clicks})
                return [await clicks.receive(LIMIT_S) for _ in range(4)]

        return main()

    clicking = Thread(target=click)
    clicking.start()
    assert run(use) == [{"type": "Click"}, b"\0\1", b"", None]
    clicking.join()
    channel = fake.args_of("plugin:tray|new")[0]["handler"]

    def has_ended() -> bool:
        try:
            fake.send(channel, 1)
        except ValueError as error:
            return "is no open channel" in str(error)
        return False

    fake.wait_until(has_ended)
    with pytest.raises(ValueError, match="is no open channel"):
        fake.send("__CHANNEL__:9", 1)
