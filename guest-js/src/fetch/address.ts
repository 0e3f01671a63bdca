/** What sidecars take for their own origins. That of each sidecar which the app starts is `http://localhost`. */
const sidecarOrigins = new Set(["http://localhost"]);

/** Remembers what a sidecar takes for its own origin: its API may name that in an address, as `url_for` of FastAPI does. */
export function learnOrigin(origin: string): void {
  sidecarOrigins.add(origin);
}

/**
 * The address of `input`, as a URL of the page's own origin.
 *
 * Throws a `TypeError` for an address of another origin: no sidecar answers there.
 */
export function ownUrl(input: string | URL | Request): URL {
  return owned(absolute(input));
}

/** The same for an address that {@link absolute} gave. */
export function owned(url: URL): URL {
  if (isOwn(url) || isOfSidecar(url)) return ofPage(url);
  const { protocol, host } = page();
  throw new TypeError(
    `cannot fetch ${JSON.stringify(url)} from a sidecar; give a path, or a url of ${protocol}//${host}`,
  );
}

/** The same for a WebSocket, which an address with `ws:` or `wss:` may name, too. */
export function ownSocketUrl(input: string | URL): URL {
  const url = absolute(input);
  if (url.protocol !== "ws:" && url.protocol !== "wss:") return ownUrl(url);
  const hosts = [page().host, ...Array.from(sidecarOrigins, (origin) => new URL(origin).host)];
  return hosts.includes(url.host) ? ofPage(url) : ownUrl(url);
}

/** The address of `input` as the page means it. */
export function absolute(input: string | URL | Request): URL {
  return new URL(input instanceof Request ? input.url : input, globalThis.document?.baseURI ?? page());
}

/** Whether an address has the page's own origin. */
export function isOwn(url: URL): boolean {
  const { protocol, host } = page();
  // `origin` cannot be compared: it is "null" for `tauri://localhost`, the address of the page of a packaged app.
  return url.protocol === protocol && url.host === host;
}

/** Whether an address has the origin that a sidecar takes for its own. */
export function isOfSidecar(url: URL): boolean {
  return sidecarOrigins.has(url.origin);
}

/** The path and query of an address, at the page's own origin. */
export function ofPage({ pathname, search }: URL): URL {
  const own = new URL(page());
  own.pathname = pathname;
  own.search = search;
  own.hash = "";
  return own;
}

let here: { href: string; url: Readonly<URL> } | null = null;

/** Where this code runs: the address of the page or worker, which begins with `blob:` for a worker made of a blob. */
export function page(): Readonly<URL> {
  const href = globalThis.location?.href ?? "http://localhost";
  // Each request asks several times, and the address seldom changes.
  if (here?.href !== href) here = { href, url: new URL(href.replace(/^blob:/, "")) };
  return here.url;
}
