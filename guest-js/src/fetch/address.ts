/**
 * The address of `input`, as a URL of the page's own origin.
 *
 * Throws a `TypeError` for an address of another origin: no sidecar answers there.
 */
export function ownUrl(input: string | URL | Request): URL {
  const page = new URL(globalThis.location?.href ?? "http://localhost");
  const address = input instanceof Request ? input.url : input;
  const url = new URL(address, globalThis.document?.baseURI ?? page);
  url.hash = "";
  // `origin` cannot be compared: it is "null" for `tauri://localhost`, the address of the page of a packaged app.
  if (url.protocol === page.protocol && url.host === page.host) return url;
  throw new TypeError(
    `cannot fetch ${JSON.stringify(address)} from a sidecar; give a path, or a url of ${page.protocol}//${page.host}`,
  );
}
