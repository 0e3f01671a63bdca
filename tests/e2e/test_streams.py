"""Streams, events and WebSockets between a real page and a sidecar, and what becomes of them when one side goes."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge_page import ask, bridge_page, run, until_loaded
from desktop import Page, until

OPEN = """
  const response = await bridge.fetch(args[0]);
  window.reader = response.body.getReader();
  await window.reader.read();
"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with bridge_page() as page:
        yield page


def host(page: Page) -> int:
    """The process of the app."""
    (pid,) = (
        pid for pid, words in page.desktop.processes().items() if words.startswith(str(page.desktop.app.binary()))
    )
    return pid


def rss_mib(pid: int) -> float:
    """The memory of a process."""
    match = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert match is not None
    return int(match[1]) / 1024


def descriptors(pid: int) -> int:
    """How many files a process has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def test_a_stream_that_nobody_reads_stands_still(page: Page) -> None:
    ended = ask(page, "/seen/flood ended")
    before = rss_mib(host(page))
    run(page, OPEN, "/flood")
    stands_still(page)
    grown = rss_mib(host(page)) - before
    assert ask(page, "/seen/flood") * 64 / 1024 < 16, "MiB that nobody has asked for"
    assert grown < 16, "MiB more"
    sent = ask(page, "/seen/flood")
    run(page, "for (let n = 0; n < 20; n++) await reader.read()")
    assert ask(page, "/seen/flood") > sent, "reading lets it go on"
    run(page, "await reader.cancel()")
    until("the sidecar's disconnect", lambda: ask(page, "/seen/flood ended") == ended + 1)


def stands_still(page: Page) -> None:
    """Waits until the sidecar sends no more."""

    def same() -> bool:
        before = ask(page, "/seen/flood")
        time.sleep(0.2)
        return bool(ask(page, "/seen/flood") == before)

    until("a stream that stands still", same)


@pytest.mark.parametrize("how", ["cancel", "abort", "reload", "window closed"])
def test_the_sidecar_sees_that_a_stream_is_not_wanted_any_more(page: Page, how: str) -> None:
    name = "window" if how == "window closed" else how
    ended = ask(page, f"/seen/{name} ended")
    if how == "window closed":
        begun = ask(page, "/seen/window begun")
        second = """
          const options = { label: "second", url: "index.html#stream" };
          await invoke("plugin:webview|create_webview_window", { options });
        """
        run(page, second)
        until("the stream of the second window", lambda: ask(page, "/seen/window begun") == begun + 1)
        run(page, "await invoke('plugin:window|close', { label: 'second' })")
    else:
        run(
            page,
            OPEN.replace(
                "bridge.fetch(args[0])", "bridge.fetch(args[0], { signal: (window.c = new AbortController()).signal })"
            ),
            f"/endless?what={name}",
        )
        if how == "reload":
            page.driver.refresh()
            until_loaded(page)
        else:
            run(page, "await reader.cancel()" if how == "cancel" else "c.abort()")
    until("the sidecar's disconnect", lambda: ask(page, f"/seen/{name} ended") == ended + 1)


def test_a_thousand_aborted_calls_leave_nothing(page: Page) -> None:
    abort = """
      const calls = Array.from({ length: 50 }, (_, n) => {
        const controller = new AbortController();
        const call = bridge.fetch("/hang", { signal: controller.signal });
        setTimeout(() => controller.abort(), n % 10);
        return call.then(() => "answered", (error) => error.name);
      });
      return [...new Set(await Promise.all(calls))];
    """
    pid = host(page)
    run(page, abort)
    before = descriptors(pid)
    for _ in range(20):
        assert run(page, abort) == ["AbortError"]
    until("as many ends as beginnings", lambda: ask(page, "/seen/hang begun") == ask(page, "/seen/hang ended"))
    until("no connection left over", lambda: descriptors(pid) <= before + 8)


def test_events_are_heard_and_the_source_goes_on_where_it_was(page: Page) -> None:
    listen = """
      const source = new bridge.BridgeEventSource("/events");
      const seen = [], states = [];
      source.onopen = () => states.push(source.readyState);
      await new Promise((resolve) => {
        source.addEventListener("step", ({ data, lastEventId }) => {
          seen.push([data, lastEventId]);
          if (seen.length === 7) resolve();
        });
      });
      source.close();
      return [seen, states, source.readyState];
    """
    seen, states, closed = run(page, listen)
    assert seen == [[f"line one\n{n}", f"{n}"] for n in range(1, 8)]
    assert states == [1, 1, 1]
    assert closed == 2


def test_lines_of_json_come_one_by_one(page: Page) -> None:
    lines = "const seen = []; for await (const row of bridge.jsonLines(await bridge.fetch('/lines'))) seen.push(row.n);"
    assert run(page, f"{lines} return seen") == [0, 1, 2]


WEBSOCKET = """
  const socket = new bridge.BridgeWebSocket(args[0], args[2] ?? []);
  socket.binaryType = "arraybuffer";
  const seen = [];
  socket.onopen = () => { seen.push(["open", socket.protocol]); for (const text of args[1]) socket.send(text); };
  socket.onmessage = ({ data }) => {
    const message = typeof data === "string" ? data : [...new Uint8Array(data)];
    seen.push(["message", message]);
    if (message === "bytes") { socket.send(new Uint8Array([0, 255])); socket.send(new Blob(["a"])); }
    if (message[0] === 97) socket.close(4000, "enough");
  };
  socket.onerror = () => seen.push(["error"]);
  return new Promise((resolve) => {
    socket.onclose = ({ code, reason, wasClean }) => resolve([...seen, ["close", code, reason, wasClean]]);
  });
"""


def test_a_websocket_talks_both_ways_and_closes_from_either_end(page: Page) -> None:
    assert run(page, WEBSOCKET, "/ws", ["grüße", "", "bytes", "close"], ["a", "b"]) == [
        ["open", "b"],
        ["message", "grüße"],
        ["message", ""],
        ["message", "bytes"],
        ["close", 4001, "as you wish", True],
    ]
    # Nothing is on its way when the page closes: a sidecar that sends just then sees another code.
    assert run(page, WEBSOCKET, "/ws", ["bytes"]) == [
        ["open", ""],
        ["message", "bytes"],
        ["message", [0, 255]],
        ["message", [97]],
        ["close", 4000, "enough", True],
    ]
    until("the close", lambda: ask(page, "/seen/closed 4000") == 1)


SOCKET_ROW = """
  const opened = [];
  const open = (path, ...given) => {
    const socket = args[1]
      ? new bridge.BridgeWebSocket(path, ...given)
      : new WebSocket(`ws://127.0.0.1:${args[2]}${path}`, ...given);
    opened.push(socket);
    return socket;
  };
  const limit = new Promise((resolve) => setTimeout(resolve, 8000, "no outcome in 8 s"));
  const act = async () => sockets[args[0]](open);
  try {
    return await Promise.race([act().catch((error) => `threw ${error}`), limit]);
  } finally {
    for (const socket of opened) socket.close();
  }
"""


def test_every_row_of_the_sockets_is_as_in_the_browser(page: Page) -> None:
    port = ask(page, "/port")
    names = run(page, "return Object.keys(sockets)")
    assert len(names) > 40
    differing = {}
    for name in names:
        browsers, ours = (run(page, SOCKET_ROW, name, is_ours, port) for is_ours in (False, True))
        if browsers != ours or str(ours).startswith(("threw", "no outcome")):
            differing[name] = (browsers, ours)
    report = "\n".join(f"{name}:\n  browser {b}\n  bridge  {o}" for name, (b, o) in differing.items())
    assert not differing, f"{len(differing)} of {len(names)} rows differ\n{report}"


def test_a_websocket_keeps_the_order_of_a_thousand_messages(page: Page) -> None:
    flood = """
      const socket = new bridge.BridgeWebSocket("/ws");
      const seen = [];
      await new Promise((resolve) => { socket.onopen = resolve; });
      const all = new Promise((resolve) => {
        socket.onmessage = ({ data }) => { seen.push(Number(data)); if (seen.length === 2000) resolve(); };
      });
      socket.send("flood");
      for (let n = 1000; n < 2000; n++) socket.send(`${n}`);
      await all;
      socket.close();
      return seen.every((value, n) => value === n);
    """
    assert run(page, flood) is True


def test_a_websocket_takes_an_address_of_its_own_scheme_and_messages_of_any_size(page: Page) -> None:
    large = """
      const socket = new bridge.BridgeWebSocket("ws://localhost/ws");
      await new Promise((resolve) => { socket.onopen = resolve; });
      const messages = [];
      const all = new Promise((resolve) => {
        socket.onmessage = ({ data }) => messages.push(data.size ?? data) === 3 && resolve();
      });
      socket.send(7);
      socket.send(new Uint8Array(3_000_000));
      socket.send("after");
      await all;
      socket.close("1000");
      return messages;
    """
    assert run(page, large) == ["7", 3_000_000, "after"]


def test_a_websocket_says_why_it_was_refused(page: Page) -> None:
    why = """
      const socket = new bridge.BridgeWebSocket(args[0]);
      return new Promise((resolve) => {
        socket.onerror = ({ error, message }) => resolve([error.code, message, socket.readyState]);
      });
    """
    code, message, state = run(page, why, "/forbidden/ws")
    assert (code, state) == ("permission_denied", 3)
    assert "GET /forbidden/ws of sidecar `python` is not for this window" in message
    assert "status 403" in run(page, why, "/ws/refused")[1]


def test_a_websocket_that_is_refused_or_denied_closes_with_an_error(page: Page) -> None:
    for path in ["/ws/refused", "/forbidden/ws"]:
        assert run(page, WEBSOCKET, path, []) == [["error"], ["close", 1006, "", False]]


def test_a_page_that_is_left_says_goodbye_to_its_websockets(page: Page) -> None:
    before = ask(page, "/seen/closed 1001")
    run(page, "const s = new bridge.BridgeWebSocket('/ws'); await new Promise((resolve) => { s.onopen = resolve; })")
    page.driver.refresh()
    until_loaded(page)
    until("the close", lambda: ask(page, "/seen/closed 1001") == before + 1)


def outcome_of(page: Page, script: str) -> Any:
    """What a promise in the page came to, or the code of its error."""
    return run(page, f"try {{ {script} }} catch (error) {{ return error.code ?? `${{error}}`; }}")


def test_a_sidecar_that_is_killed_breaks_streams_with_a_typed_error(page: Page) -> None:
    run(page, OPEN, "/endless")
    socket = """
      const socket = new bridge.BridgeWebSocket("/ws");
      window.socketClosed = new Promise((resolve) => { socket.onclose = ({ code }) => resolve(code); });
      await new Promise((resolve) => { socket.onopen = resolve; });
    """
    run(page, socket)
    os.kill(ask(page, "/pid"), signal.SIGKILL)
    assert outcome_of(page, "for (;;) await reader.read()") == "unavailable"
    assert run(page, "return socketClosed") == 1006


def test_a_page_hears_how_its_sidecar_ends_and_comes_back_and_nothing_that_it_wrote(page: Page) -> None:
    follow = """
      await bridge.waitReady();
      window.heard = [];
      window.stopFollowing = await bridge.onStatus((status) => heard.push(status));
      await bridge.restart();
    """
    run(page, follow)
    generation = run(page, "return heard[0].generation")

    def phases(of: int) -> list[str]:
        seen = run(page, "return heard.filter(({ generation }) => generation === args[0])", of)
        return [status["state"]["phase"] for status in seen]

    until("the restart", lambda: phases(generation + 1)[-1:] == ["ready"])
    assert phases(generation)[0] == "ready"
    os.kill(ask(page, "/pid"), signal.SIGKILL)
    until("the next life", lambda: phases(generation + 2)[-1:] == ["ready"])
    restarting = "return heard.find(({ state }) => state.phase === 'restarting' && state.problem).state"
    state = run(page, restarting)
    assert state["problem"]["detail"].startswith("sidecar `python` is unavailable: it was ended by SIGKILL (signal 9)")
    assert state["exit"] == {"code": None, "signal": 9, "stderr": []}
    assert "details" not in state
    revisions = run(page, "return heard.map(({ revision }) => revision)")
    assert revisions == sorted(set(revisions))
    assert outcome_of(page, "await bridge.diagnose()") == "permission_denied"

    # A page that is left hears no more, and its successor hears again.
    run(page, "stopFollowing(); window.heard = []; await bridge.restart()")
    assert run(page, "return heard.length") == 0
    page.driver.refresh()
    until_loaded(page)
    run(page, follow)
    until("the restart", lambda: run(page, "return heard.at(-1).generation") == generation + 4)


def test_requests_wait_for_a_sidecar_that_is_started_again_and_fail_for_one_that_was_stopped(page: Page) -> None:
    pid = ask(page, "/pid")
    restarted = """
      const { generation } = await bridge.status();
      const begun = new Promise((resolve) =>
        bridge.onStatus((now) => (now.generation > generation || now.state.phase !== "ready") && resolve()),
      );
      // The page's calls may reach the host in any order.
      const restarting = bridge.restart();
      await begun;
      const pid = await (await bridge.fetch("/pid")).json();
      await restarting;
      return pid;
    """
    assert run(page, restarted) != pid
    run(page, "await bridge.stop()")
    assert outcome_of(page, "await bridge.fetch('/pid')") == "unavailable"
    assert outcome_of(page, "await bridge.waitReady()") == "unavailable"
    started = """
      const starting = bridge.start();
      // The page's calls may reach the host in any order.
      await new Promise((resolve) => bridge.onStatus(({ state }) => state.phase !== "stopped" && resolve()));
      await bridge.waitReady();
      await starting;
    """
    run(page, started)
    assert outcome_of(page, "await bridge.waitReady({ signal: AbortSignal.timeout(5000) }); return 'ready'") == "ready"
    impatient = """
      const restarting = bridge.restart();
      await new Promise((resolve) => bridge.onStatus(({ state }) => state.phase !== "ready" && resolve()));
      try { await bridge.fetch("/pid", { waitMs: 1 }); } finally { await restarting; }
    """
    assert outcome_of(page, impatient) == "unavailable"
