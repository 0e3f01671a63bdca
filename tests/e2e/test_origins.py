"""Pages that are not the app's, in its windows: a remote site, and a frame of one inside the app's own page."""

from __future__ import annotations

from bridge_page import ask, bridge_page, run
from site_page import site

# Tries all ways to the host that a page has, and tells this server what came of each. Tauri answers nobody who lacks
# the key of its own pages.
SITE = """<!doctype html><title>A site</title><script type="module">
const key = "0".repeat(20);
const ways = {
  async status() { return await window.__TAURI_INTERNALS__.invoke("plugin:sidecar-bridge|status"); },
  async fetch() {
    const head = { exchange: "x", sidecar: null, method: "GET", path: "/admin/secret", headers: [], streams: false,
      bodyBytes: null, cookies: true, waitMs: null };
    const json = new TextEncoder().encode(JSON.stringify(head));
    const frame = new Uint8Array(4 + json.length);
    new DataView(frame.buffer).setUint32(0, json.length);
    frame.set(json, 4);
    return await window.__TAURI_INTERNALS__.invoke("plugin:sidecar-bridge|fetch", frame);
  },
  async parent() { return String(parent.__TAURI_INTERNALS__ !== undefined && parent !== window); },
  async protocol() {
    const headers = { "Content-Type": "application/json", "Tauri-Callback": "1", "Tauri-Error": "2",
      "Tauri-Invoke-Key": key };
    const url = "ipc://localhost/plugin%3Asidecar-bridge%7Cstatus";
    const answer = await fetch(url, { method: "POST", headers, body: "{}" });
    if (!answer.ok || answer.headers.get("Tauri-Response") === "error") throw new Error(await answer.text());
    return await answer.text();
  },
};
const outcomes = {};
for (const [name, way] of Object.entries(ways)) {
  const limit = new Promise((_, reject) => setTimeout(reject, 3000, "no answer"));
  outcomes[name] = await Promise.race([way(), limit]).then(
    (value) => ({ value: value ?? null }), (error) => ({ error: String(error) }));
}
// Nobody answers a message; what the app does of it would show at the sidecar.
const message = { cmd: "plugin:sidecar-bridge|stop", callback: 1, error: 2, payload: {}, options: {} };
const sealed = JSON.stringify({ ...message, __TAURI_INVOKE_KEY__: key });
try { window.webkit.messageHandlers.ipc.postMessage(sealed); } catch { /* there is not even that */ }
await fetch("/outcomes", { method: "POST", body: JSON.stringify(outcomes) });
</script>"""


def test_a_remote_site_in_a_window_of_the_app_has_no_grant() -> None:
    options = "{ options: { label: 'second', url: args[0] } }"
    with site(SITE) as (url, told), bridge_page() as page:
        before = ask(page, "/seen/secret")
        run(page, f"await invoke('plugin:webview|create_webview_window', {options})", url)
        outcomes = told.get(timeout=30)
        for way in ("status", "fetch"):
            assert f"sidecar-bridge.{way} not allowed" in outcomes[way]["error"], outcomes
        assert outcomes["protocol"] == {"error": "no answer"}
        assert ask(page, "/seen/secret") == before
        run(page, "await invoke('plugin:window|close', { label: 'second' })")


def test_a_frame_of_another_site_has_no_way_to_the_host() -> None:
    show = "const frame = document.createElement('iframe'); frame.src = args[0]; document.body.append(frame);"
    with site(SITE) as (url, told), bridge_page() as page:
        before = ask(page, "/seen/secret")
        run(page, show, url)
        outcomes = told.get(timeout=30)
        for way in ("status", "fetch"):
            assert "undefined is not an object" in outcomes[way]["error"], outcomes
        assert "SecurityError" in outcomes["parent"]["error"]
        assert outcomes["protocol"] == {"error": "no answer"}
        assert ask(page, "/seen/secret") == before
