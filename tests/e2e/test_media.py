"""What elements of a page get by URL, and what pages, frames and other windows make of such a URL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bridge_page import ask, bridge_page, run, until_loaded
from desktop import Page
from site_page import site

SHOW = """
  const shown = (url, more = {}) => new Promise((resolve) => {
    const image = Object.assign(new Image(), more);
    image.onload = () => resolve(image.naturalWidth);
    image.onerror = () => resolve(0);
    image.src = url;
  });
"""
"""Defines `shown(url)`, which gives the width of a picture, or 0 where none came."""

DOCUMENTS = [
    "text/html",
    "application/xhtml+xml",
    "application/xml",
    "text/xml",
    "image/svg+xml",
    "application/pdf",
    "text/plain",
    "text/css",
    "text/javascript",
    "application/json",
    "multipart/x-mixed-replace; boundary=x",
    "image/png, text/html",
    "nothing",
    "",
]


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with bridge_page() as page:
        yield page


def asked(page: Page) -> Any:
    """How often the sidecar was asked for a picture, a film or a typed page."""
    return [ask(page, f"/media/asked/{what}") for what in ("picture", "typed", "film")]


def test_a_picture_a_font_and_bytes_come_by_url(page: Page) -> None:
    script = f"""{SHOW}
      const url = await bridge.mediaUrl("/media/picture?side=3");
      const canvas = document.createElement("canvas").getContext("2d");
      const image = Object.assign(new Image(), {{ crossOrigin: "anonymous", src: url }});
      await image.decode();
      canvas.drawImage(image, 0, 0);
      const response = await globalThis.fetch(url, {{ headers: {{ Range: "bytes=0-" }} }});
      return [await shown(url), [...canvas.getImageData(0, 0, 1, 1).data], (await response.blob()).size,
        await new FontFace("a", `url(${{await bridge.mediaUrl("/media/font")}})`).load().then(() => "a font")];
    """
    assert run(page, script) == [3, [0, 0, 0, 255], 90, "a font"]
    heard = ask(page, "/media/heard")[-1]
    assert heard["host"] == "localhost"
    assert not {"cookie", "origin", "referer"} & heard.keys()


def test_the_sidecars_cookies_go_along(page: Page) -> None:
    script = f"""{SHOW}
      await bridge.fetch("/login", {{ method: "POST" }});
      return shown(await bridge.mediaUrl("/media/picture?side=2"));
    """
    assert run(page, script) == 2
    assert "session=" in ask(page, "/media/heard")[-1]["cookie"]


@pytest.mark.parametrize("path", ["/forbidden/picture", "/%66orbidden/picture", "/a/%2e%2e/forbidden/picture"])
def test_the_scope_of_fetch_judges_each_request(page: Page, path: str) -> None:
    before = asked(page), ask(page, "/seen/secret")
    script = SHOW + 'return shown((await bridge.mediaUrl("/")).slice(0, -1) + args[0]);'
    assert run(page, script, path) == 0
    assert (asked(page), ask(page, "/seen/secret")) == before


def test_errors_redirects_and_what_is_too_long_show_nothing(page: Page) -> None:
    for path in ["/nowhere", "/media/moved", "/media/long", "/media/picture/"]:
        assert run(page, SHOW + "return shown(await bridge.mediaUrl(args[0]));", path) == 0


@pytest.mark.parametrize("content_type", DOCUMENTS)
def test_nothing_that_could_be_a_document_comes_through(page: Page, content_type: str) -> None:
    script = (
        SHOW
        + """
      const url = await bridge.mediaUrl(`/media/typed?content_type=${encodeURIComponent(args[0])}`);
      const read = await globalThis.fetch(url).then((response) => response.text(), (error) => error.name);
      return [await shown(url), read];
    """
    )
    before = ask(page, "/media/asked/typed")
    assert run(page, script, content_type) == [0, "TypeError"]
    assert ask(page, "/media/asked/typed") == before + 2, "so the sidecar did send it"


OPENINGS = {
    "iframe": "add('iframe', { src: url })",
    "sandboxed iframe": "add('iframe', { src: url, sandbox: 'allow-scripts allow-same-origin allow-top-navigation' })",
    "object": "add('object', { data: url })",
    "embed": "add('embed', { src: url })",
    "frame that is led there": "add('iframe', {}).contentWindow.location = url",
    "link": "add('a', { href: url }).click()",
    "link to a new window": "add('a', { href: url, target: '_blank' }).click()",
    "download": "add('a', { href: url, download: 'a.html' }).click()",
    "form": "add('form', { action: url }).submit()",
    "window.open": "window.open(url)",
    "window.open on itself": "window.open(url, '_self')",
    "location": "location.href = url",
    "location.replace": "location.replace(url)",
    "meta refresh in a frame": "add('iframe', { srcdoc: `<meta http-equiv=refresh content='0;url=${url}'>` })",
    "script": "add('script', { src: url })",
    "module": "import(url).catch(() => {})",
    "style": "add('link', { rel: 'stylesheet', href: url })",
    "worker": "try { new Worker(url) } catch {}",
    "service worker": "navigator.serviceWorker?.register(url).catch(() => {})",
}


CODE = {"script", "module", "style", "worker", "service worker"}
"""The ways for which the sidecar may be asked: the webview sees from the answer that it is no code."""


@pytest.mark.parametrize("way", OPENINGS)
@pytest.mark.parametrize(
    "path", ["/media/picture?side=5", "/media/typed?content_type=text/html", "/media/typed?content_type=image/png"]
)
def test_no_page_frame_or_script_is_made_of_an_answer(page: Page, way: str, path: str) -> None:
    script = f"""
      window.intruded = null;
      const add = (name, more) => document.body.appendChild(Object.assign(document.createElement(name), more));
      const url = await bridge.mediaUrl(args[0]);
      {OPENINGS[way]};
      await new Promise((resolve) => setTimeout(resolve, 150));
      const frames = [...document.querySelectorAll("iframe")].map((frame) => frame.contentDocument?.URL ?? "another");
      for (const element of document.body.querySelectorAll("*")) element.remove();
      return [location.href.split("#")[0], window.intruded, document.title, frames.includes("another")];
    """
    here = page.driver.execute_script("return location.href.split('#')[0]")
    windows = len(page.driver.window_handles)
    before = asked(page)
    assert run(page, script, path) == [here, None, "Sidecar Bridge Test", False]
    if way not in CODE:
        assert asked(page) == before
    assert len(page.driver.window_handles) == windows


def test_a_url_is_for_one_page_and_ends_with_it() -> None:
    with bridge_page() as page:
        url = run(page, 'return bridge.mediaUrl("/media/picture?side=4")')
        assert run(page, SHOW + "return shown(args[0]);", url) == 4
        assert run(page, 'return bridge.mediaUrl("/media/picture?side=4")') == url
        page.driver.refresh()
        until_loaded(page)
        # The webview itself still has what it was given, so this asks for something else.
        assert run(page, SHOW + "return shown(args[0]);", f"{url}&new") == 0
        assert ask(page, "/media/asked/picture") == 1
        assert run(page, 'return bridge.mediaUrl("/media/picture?side=4")') != url


OPEN = """
  const channel = new BroadcastChannel("shown");
  const told = new Promise((resolve) => {
    setTimeout(resolve, args[2], "nothing");
    channel.onmessage = ({ data }) => resolve(data);
  });
  await invoke("plugin:webview|create_webview_window", { options: { label: args[0], title: args[0], url: args[1] } });
  return told.finally(() => channel.close());
"""
"""Opens a window, and gives what its page tells within a time."""


def test_another_window_of_the_app_gets_nothing_by_it() -> None:
    with bridge_page() as page:
        url = run(page, 'return bridge.mediaUrl("/media/picture?side=6")')
        told = run(page, OPEN, "second", f"index.html#show={url}", 20_000)
        assert told == {"given": 0, "own": 6}
        assert ask(page, "/media/asked/picture") == 1
        run(page, "await invoke('plugin:window|close', { label: 'second' })")


def test_a_window_without_the_permission_gets_no_url() -> None:
    with bridge_page() as page:
        url = run(page, 'return bridge.mediaUrl("/media/picture?side=6")')
        told = run(page, OPEN, "third", f"index.html#show={url}", 20_000)
        assert told["given"] == 0
        assert "not allowed" in told["own"]
        assert ask(page, "/media/asked/picture") == 0
        page.desktop.close_window("third")


def test_a_window_that_is_opened_at_such_a_url_stays_empty() -> None:
    with bridge_page() as page:
        url = run(page, 'return bridge.mediaUrl("/media/picture?side=6")')
        assert run(page, OPEN, "second", url, 1000) == "nothing"
        assert asked(page) == [0, 0, 0]
        run(page, "await invoke('plugin:window|close', { label: 'second' })")


FRAME = """<!doctype html><script type="module">
const url = decodeURIComponent(location.hash.slice(1));
const ways = {
  fetch: () => fetch(url).then((response) => response.status),
  pixels: async () => { const image = Object.assign(new Image(), { crossOrigin: "anonymous", src: url });
    await image.decode(); return image.naturalWidth; },
  worker: () => { new Worker(url); return "a worker"; },
  frame: () => new Promise((resolve) => { const frame = Object.assign(document.createElement("iframe"), { src: url });
    frame.onload = () => resolve(frame.contentDocument === null ? "another" : frame.contentDocument.URL);
    document.body.append(frame); }),
  self: async () => { location.href = url; return "refused"; },
  top: async () => { top.location.href = url; return "refused"; },
};
const outcomes = {};
for (const [name, way] of Object.entries(ways)) {
  const limit = new Promise((_, reject) => setTimeout(reject, 1000, "no answer"));
  outcomes[name] = await Promise.race([(async () => way())(), limit]).catch((error) => error?.name ?? String(error));
}
await fetch("/outcomes", { method: "POST", body: JSON.stringify(outcomes) });
</script>"""


def test_a_frame_of_another_site_gets_no_url_and_reads_nothing_by_one_that_it_was_given(page: Page) -> None:
    """The page itself has to hand over its secret, and then the frame may show pictures, and read none."""
    show = """
      const frame = document.createElement("iframe");
      frame.src = `${args[0]}#${encodeURIComponent(await bridge.mediaUrl("/media/picture?side=8"))}`;
      document.body.append(frame);
      return location.href;
    """
    with site(FRAME) as (address, told):
        here = run(page, show, address)
        outcomes = told.get(timeout=30)
    assert outcomes.pop("frame") in {"about:blank", "no answer"}
    refusals = {"fetch": "TypeError", "pixels": "EncodingError", "worker": "SecurityError", "top": "SecurityError"}
    assert outcomes == {**refusals, "self": "refused"}
    assert run(page, "return location.href") == here
    run(page, "document.querySelector('iframe').remove()")


@pytest.mark.parametrize("guess", ["", "/", "/x", "/AAAAAAAAAAAAAAAAAAAAAA", "/../x", "/%00", "/secret"])
def test_without_the_secret_there_is_nothing(page: Page, guess: str) -> None:
    script = (
        SHOW
        + """
      const whole = new URL(await bridge.mediaUrl("/media/picture"));
      return shown(`${whole.protocol}//${whole.host}${args[0]}/media/picture`);
    """
    )
    before = ask(page, "/media/asked/picture")
    assert run(page, script, guess) == 0
    assert ask(page, "/media/asked/picture") == before
