import { askMedia } from "../wire/exchange.js";
import { warnOfPolicy } from "../wire/hints.js";
import { inTauri } from "../wire/tauri.js";
import { ownUrl } from "./address.js";
import { browserUrl } from "./browser.js";

/** What {@link mediaUrl} may be told. */
export interface MediaUrlOptions {
  /** The sidecar's name in the app's configuration. An app with a single sidecar needs no name. */
  sidecar?: string;
}

/**
 * Resolves with a URL for elements and styles of this page, under which the webview itself gets what a sidecar has under a path:
 * a picture, a font, or a map's tiles. The page holds none of it in memory.
 *
 * ```ts
 * image.src = await mediaUrl("/plots/today.png");
 * tiles.setUrl(await mediaUrl("/tiles/{z}/{x}/{y}.png"));
 * ```
 *
 * The URL works in this page alone, until the page is left. A longer path may be appended to it. The scope of `fetch`
 * judges each request. The host passes on pictures, fonts, sound, films and plain bytes of at most 64 MiB, and neither
 * redirects nor anything that is a document, SVG included: those are for `fetch`. No page and no frame opens under the URL.
 *
 * The app's content security policy must allow the URL for the element, such as
 * `img-src 'self' sidecar-media: http://sidecar-media.bridge.localhost`. WebKitGTK, on Linux, plays neither sound nor films
 * from it.
 *
 * Rejects with a {@link BridgeError}: `permission_denied` without the permission `sidecar-bridge:fetch`, `not_found` for
 * another sidecar; with a `TypeError` for an address of another origin.
 */
export async function mediaUrl(path: string | URL, options: MediaUrlOptions = {}): Promise<string> {
  const { sidecar } = options;
  watchPolicy();
  const { pathname, search } = ownUrl(path);
  const url = inTauri()
    ? (await askMedia(sidecar ?? null)) + pathname + search
    : browserUrl(pathname + search, sidecar).href;
  // The placeholders of maps.
  return url.replaceAll("%7B", "{").replaceAll("%7D", "}");
}

let watching = false;

/** Looks whether the content security policy refuses what an element asks for. */
function watchPolicy(): void {
  if (watching || typeof document === "undefined") return;
  watching = true;
  document.addEventListener("securitypolicyviolation", ({ blockedURI, effectiveDirective }) => {
    // Some webviews tell the whole URL, some the scheme alone; on Windows it is a host.
    if (/^(http:\/\/)?sidecar-media\b/.test(blockedURI)) warnOfPolicy(effectiveDirective);
  });
}
