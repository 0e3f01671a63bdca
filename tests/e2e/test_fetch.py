"""The page's `fetch` in a real webview: as the browser's own, row by row, and what only the bridge has to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge_page import ask, bridge_page, run, until_loaded
from desktop import WEBVIEW_TEST, Page, desktop, driven, until

RUN = """
  const [row, base, ours, done] = arguments;
  const fetch = ours ? window.bridge.fetch : window.fetch.bind(window);
  const [, act] = [].concat(window.standard[row] ?? [null, window.rows[row]]);
  const limit = new Promise((resolve) => setTimeout(resolve, 8000, "no outcome in 8 s"));
  Promise.race([act(fetch, base), limit]).then(done, (error) => done(`threw ${error.name}: ${error.message}`));
"""
HERE = "`${location.protocol}//${location.host}`"


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with bridge_page() as page:
        yield page


def test_every_row_of_the_table_is_as_in_the_browser(page: Page) -> None:
    port = ask(page, "/port")
    origin = run(page, f"return {HERE}")
    names = run(page, "return Object.keys(rows)")
    assert len(names) > 100
    differing = {}
    for name in names:
        browsers = page.driver.execute_async_script(RUN, name, f"http://127.0.0.1:{port}", False)
        ours = page.driver.execute_async_script(RUN, name, origin, True)
        if browsers != ours or str(ours).startswith(("threw", "no outcome")):
            differing[name] = (browsers, ours)
    report = "\n".join(f"{name}:\n  browser {b}\n  bridge  {o}" for name, (b, o) in differing.items())
    assert not differing, f"{len(differing)} of {len(names)} rows differ\n{report}"


def test_where_the_browser_errs_the_standard_holds(page: Page) -> None:
    origin = run(page, f"return {HERE}")
    for name, (expected, _) in run(page, "return Object.entries(standard)"):
        assert page.driver.execute_async_script(RUN, name, origin, True) == run(
            page, f"return standard[{name!r}][0]"
        ), f"{name}: {expected}"


def test_a_request_body_may_be_a_stream_and_break_off(page: Page) -> None:
    stream = """
      const stream = (pieces, error) => new ReadableStream({
        async pull(controller) {
          const piece = pieces.shift();
          await new Promise((resolve) => setTimeout(resolve, 5));
          if (piece !== undefined) controller.enqueue(piece);
          else if (error) controller.error(new RangeError("the source is gone"));
          else controller.close();
        },
      });
      const pieces = Array.from({ length: 10 }, (_, n) => new Uint8Array(100_000).fill(n));
      const init = { method: "POST", body: stream(pieces, args[0]), duplex: "half" };
      return (await bridge.fetch("/length", init)).json();
    """
    assert run(page, stream, False) == [1_000_000, None]
    before = ask(page, "/seen/broken upload")
    with pytest.raises(AssertionError, match="RangeError: the source is gone"):
        run(page, stream, True)
    until("the sidecar's disconnect", lambda: ask(page, "/seen/broken upload") == before + 1)


def test_a_body_that_nobody_reads_is_given_up_when_it_is_collected() -> None:
    let_go = """
      window.held = (await bridge.fetch("/endless?what=held")).body.getReader();
      const { signal } = (window.controller = new AbortController());
      for (let n = 0; n < args[0]; n++) {
        await bridge.fetch("/endless?what=unread", { signal });
        (await bridge.fetch("/endless?what=cloned")).clone();
        await (await bridge.fetch("/endless?what=begun")).body.getReader().read();
      }
    """
    litter = """
      for (let n = 0; n < 200; n++) new Uint8Array(200_000).fill(1);
      await held.read();
    """
    # WebKit looks at old objects only now and then, after minutes here. With this option it looks at all each time.
    with bridge_page(JSC_useGenerationalGC="0") as page:
        run(page, let_go, 10)

        def all_ended() -> bool:
            run(page, litter)
            return all(ask(page, f"/seen/{what} ended") == 10 for what in ("unread", "cloned", "begun"))

        until("the end of what nobody holds", all_ended, 30)
        assert ask(page, "/seen/held ended") == 0


def test_what_no_scope_allows_or_one_denies_is_refused_and_not_carried_out(page: Page) -> None:
    assert ask(page, "/admin/secret") == "secret"
    assert ask(page, "/readonly/value") == "secret"
    before = ask(page, "/seen/secret")
    for path, method in [
        ("/forbidden/secret", "GET"),
        ("/forbidden/secret", "HEAD"),
        ("//forbidden//secret", "GET"),
        ("/x/../forbidden/secret", "GET"),
        ("/x/%2e%2e/forbidden/secret", "GET"),
        ("/forbidden%2Fsecret", "GET"),
        ("/%66orbidden/secret", "GET"),
        ("/readonly/value", "POST"),
    ]:
        code = (
            f"try {{ await bridge.fetch({HERE} + {path!r}, {{ method: {method!r} }}) }} catch (e) {{ return e.code }}"
        )
        assert run(page, code) == "permission_denied", path
    code = "try { await bridge.fetch('/x%2f..%2fforbidden/secret'); } catch (e) { return e.code; }"
    assert run(page, code) == "invalid_argument"
    redirected = "try { await bridge.fetch('/redirect/302?to=/forbidden/secret'); } catch (e) { return e.code; }"
    assert run(page, redirected) == "permission_denied"
    assert ask(page, "/seen/secret") == before


def test_a_global_fetch_leaves_tauris_calls_and_the_pages_files_to_the_one_before(page: Page) -> None:
    used = """
      const [before, warn, warned] = [window.fetch, console.warn, []];
      console.warn = (...words) => warned.push(words.join(" "));
      window.fetch = bridge.fetch;
      try {
        await invoke("plugin:app|version");
        const file = await (await fetch("/table.js")).text();
        const { a } = await (await fetch("/json")).json();
        return [warned, a[0], file.includes("rows"), (await fetch(args[0])).status];
      } finally {
        [window.fetch, console.warn] = [before, warn];
      }
    """
    # A call that does not come through makes Tauri warn, and pass all further calls on as text.
    assert run(page, used, f"http://127.0.0.1:{ask(page, '/port')}/json") == [[], 1, True, 200]


def test_a_worker_is_told_that_it_reaches_no_sidecar_by_itself(page: Page) -> None:
    asked = """
      const worker = new Worker("/worker.js", { type: "module", name: "alone" });
      return new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = reject;
      });
    """
    assert run(page, asked).startswith(
        "failed_precondition: a worker of a page in a tauri window cannot reach a sidecar by itself; call serveWorker"
    )


@pytest.mark.parametrize("kind", ["Worker", "SharedWorker"])
def test_a_worker_reaches_a_sidecar_through_its_page(page: Page, kind: str) -> None:
    served = """
      const worker = new window[args[0]]("/worker.js", { type: "module" });
      const port = worker.port ?? worker;
      const stop = bridge.serveWorker(port);
      const seen = [];
      return new Promise((resolve, reject) => {
        worker.onerror = () => reject(new Error("the worker has failed"));
        port.addEventListener("message", ({ data }) => {
          if (!Array.isArray(data)) return;
          stop();
          resolve(data);
        });
      });
    """
    ended = ask(page, "/seen/worker ended")
    # Text, a body up and one down in pieces, an event, a message of a WebSocket, the status.
    assert run(page, served, kind) == ["ü", 3_000_000, 3_000_000, "line one\n1", "hi", "ready"]
    until("the end of what the worker has left", lambda: ask(page, "/seen/worker ended") == ended + 1)


def test_what_a_worker_has_under_way_ends_with_the_worker(page: Page) -> None:
    served = """
      const worker = new Worker("/worker.js", { type: "module" });
      bridge.serveWorker(worker);
      return new Promise((resolve, reject) => {
        worker.onerror = () => reject(new Error("the worker has failed"));
        worker.addEventListener("message", ({ data }) => {
          if (!Array.isArray(data)) return;
          worker.terminate();
          resolve("terminated");
        });
      });
    """
    ended = ask(page, "/seen/worker ended")
    assert run(page, served) == "terminated"
    until("the end of what the worker has left", lambda: ask(page, "/seen/worker ended") == ended + 1)


def test_a_page_without_a_bundler_has_all_of_it_by_one_script(page: Page) -> None:
    loaded = """
      const script = document.createElement("script");
      script.src = "/guest/global.js";
      await new Promise((resolve, reject) => {
        script.onload = resolve;
        script.onerror = reject;
        document.head.append(script);
      });
      const names = Object.keys(bridge).filter((name) => !(name in SidecarBridge));
      return [names, (await (await SidecarBridge.fetch("/json")).json()).a[0]];
    """
    assert run(page, loaded) == [[], 1]


def test_bad_input_is_an_error_and_leaves_the_bridge_working(page: Page) -> None:
    with pytest.raises(AssertionError, match="TypeError: cannot fetch"):
        run(page, "await bridge.fetch('http://example.com/')")
    with pytest.raises(AssertionError, match="no sidecar `ruby`"):
        run(page, "await bridge.fetch('/json', { sidecar: 'ruby' })")
    with pytest.raises(AssertionError, match=r"BridgeError: the headers of GET /json take .* at most 65536"):
        run(page, "await bridge.fetch('/json', { headers: { 'x-huge': 'x'.repeat(70_000) } })")
    assert ask(page, "/json")["a"][0] == 1


def test_cookies_of_the_sidecar_work_and_those_of_the_page_do_not_reach_it(page: Page) -> None:
    run(page, "document.cookie = 'session=of-the-page'")
    assert ask(page, "/me") is None
    run(page, "await bridge.fetch('/login', { method: 'POST' })")
    assert ask(page, "/me") == "abc"
    assert run(page, "return (await bridge.fetch('/me', { credentials: 'omit' })).json()") is None


GUARDED = """
  const token = (await bridge.cookies()).get("csrftoken");
  const response = await bridge.fetch("/guarded", { method: "POST", headers: { "x-csrftoken": token ?? "" } });
  return [token ?? null, await response.json()];
"""


def test_a_page_reads_the_cookies_that_are_not_http_only(page: Page) -> None:
    assert run(page, GUARDED) == [None, False]
    run(page, "await bridge.fetch('/login', { method: 'POST' })")
    run(page, "await bridge.fetch('/csrf', { method: 'POST' })")
    assert run(page, GUARDED) == ["xyz", True]
    assert run(page, "return (await bridge.cookies()).has('session')") is False
    with pytest.raises(AssertionError, match="GET /forbidden/a of sidecar `python` is not for this window"):
        run(page, "await bridge.cookies({ path: '/forbidden/a' })")


def test_the_handshake_of_a_websocket_may_set_a_cookie(page: Page) -> None:
    opened = """
      const socket = new bridge.BridgeWebSocket("/ws/cookie");
      await new Promise((resolve) => socket.addEventListener("close", resolve));
      return (await bridge.cookies()).get("opened");
    """
    assert run(page, opened) == "yes"


def test_cookies_with_an_expiry_outlast_the_app(tmp_path: Path) -> None:
    with desktop(WEBVIEW_TEST, XDG_DATA_HOME=str(tmp_path)) as screen:
        with driven(screen) as page:
            until_loaded(page)
            run(page, "await bridge.fetch('/csrf', { method: 'POST' })")
            run(page, "await bridge.fetch('/login', { method: 'POST' })")
        screen.expect_nothing_left()
        (file,) = tmp_path.glob("*/sidecar-bridge/*")
        assert file.name == "python-cookies.json"
        assert file.stat().st_mode & 0o777 == 0o600
        with driven(screen) as page:
            until_loaded(page)
            assert run(page, GUARDED) == ["xyz", True]
            assert ask(page, "/me") is None


def test_a_picture_of_the_sidecar_is_shown_and_a_page_of_it_never_becomes_one(page: Page) -> None:
    show = """
      const image = new Image();
      image.src = await bridge.sidecarUrl("/pixel.png");
      await image.decode();
      return [image.naturalWidth, image.src.slice(0, 5)];
    """
    assert run(page, show) == [1, "blob:"]
    frame = """
      const frame = document.createElement("iframe");
      frame.src = await bridge.sidecarUrl("/html");
      const loaded = new Promise((resolve) => { frame.onload = resolve; });
      document.body.append(frame);
      await loaded;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return [window.intruded ?? null, frame.contentDocument?.contentType];
    """
    assert run(page, frame) == [None, "text/plain"]
    with pytest.raises(AssertionError, match=r"BridgeError: /nowhere was answered with status 404"):
        run(page, "await bridge.sidecarUrl('/nowhere')")
