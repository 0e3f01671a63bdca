import { BridgeError, localProblem } from "../wire/error.js";
import { fetch } from "./fetch.js";
import type { FetchInit } from "./init.js";

/** What a browser would run as a page. Under an object URL it would be one with all rights of this page. */
const DOCUMENTS = /^(text\/html|text\/xml|application\/xml|application\/[\w.+-]+\+xml)\b/i;

/**
 * Fetches what a sidecar has under a path, and resolves with an object URL of it, for `<img>`, `<video>`, `<audio>` or a
 * download. It is held in memory until `URL.revokeObjectURL` is called with it, or the page is left.
 *
 * ```ts
 * image.src = await sidecarUrl("/plots/today.png");
 * ```
 *
 * The app's content security policy must allow `blob:` where it is used, such as `img-src 'self' blob:`. HTML and XML
 * come as `text/plain`, so that a page of the sidecar never becomes one of the app.
 *
 * Rejects like {@link fetch}, and with a {@link BridgeError} for an error status.
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
  return URL.createObjectURL(DOCUMENTS.test(type.trim()) ? new Blob([blob], { type: "text/plain" }) : blob);
}
