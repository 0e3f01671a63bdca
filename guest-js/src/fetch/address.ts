/** An address within the page's own origin; one elsewhere is a mistake that no sidecar could answer. */
export function ownUrl(input: string | URL | Request): URL {
  const page = new URL(globalThis.location?.href ?? "http://localhost");
  const address = input instanceof Request ? input.url : input;
  const url = new URL(address, globalThis.document?.baseURI ?? page);
  url.hash = "";
  // Not `origin`: that is "null" for `tauri://localhost`, where the page of a packaged app lives.
  if (url.protocol === page.protocol && url.host === page.host) return url;
  throw new TypeError(
    `cannot fetch ${JSON.stringify(address)} from a sidecar; give a path, or a url of ${page.protocol}//${page.host}`,
  );
}
