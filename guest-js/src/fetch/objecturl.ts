import { BridgeError, localProblem } from "../wire/error.js";
import { fetch } from "./fetch.js";
import type { FetchInit } from "./init.js";

/**
 * The types that a browser opens as a page. An object URL has the origin of this page, and so has a page under that
 * URL.
 */
const PAGE_TYPES = /^(text\/html|text\/xml|application\/xml|application\/[\w.+-]+\+xml)\b/i;

/**
 * Fetches the file under a path of a sidecar and resolves with an object URL, for `<img>`, `<video>`, `<audio>` or a
 * download. The file stays in memory until the page calls `URL.revokeObjectURL` with that URL, or is left.
 *
 * ```ts
 * image.src = await sidecarUrl("/plots/today.png");
 * ```
 *
 * The app's content security policy must allow `blob:` for the element, such as `img-src 'self' blob:`. HTML and XML
 * get the type `text/plain`, so that a page of the sidecar never becomes a page of the app.
 *
 * Rejects like {@link fetch}, and for an HTTP error status with a {@link BridgeError}: `not_found` for 404,
 * `failed_precondition` for all others.
 */
export async function sidecarUrl(path: string | URL, init: FetchInit = {}): Promise<string> {
  const response = await fetch(path, init);
  if (!response.ok) {
    response.body?.cancel().catch(() => {});
    const code = response.status === 404 ? "not_found" : "failed_precondition";
    throw new BridgeError(localProblem(code, `${path} was answered with status ${response.status}`));
  }
  const blob = await response.blob();
  const type = response.headers.get("content-type") ?? "";
  return URL.createObjectURL(PAGE_TYPES.test(type.trim()) ? new Blob([blob], { type: "text/plain" }) : blob);
}
