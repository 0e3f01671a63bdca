import { isOfSidecar, isOwn } from "./address.js";
import type { FetchInit } from "./init.js";

/** Where the first copy of this package leaves the page's `fetch` for further copies, which may find another one. */
const FIRST = Symbol.for("tauri-plugin-sidecar-bridge.fetch");

const shared = globalThis as { [FIRST]?: typeof globalThis.fetch };
shared[FIRST] ??= globalThis.fetch;
const first = shared[FIRST];

/**
 * The `fetch` that the page had before this package was loaded. Never the one of the moment: that may be this package's,
 * or one around it, and would come back here.
 */
export const browsersFetch: typeof globalThis.fetch = first?.bind(globalThis);

/** The name of a file that is no page: a path that ends so may be an asset. */
const FILE = /\.(?!html?$)[^./]+$/i;

/**
 * The page's own answer to a request for `url`, the address of `input`, that is not for a sidecar; null for all others, at once where no answer has to show
 * that. Where this package's `fetch` is `globalThis.fetch`, all requests of the page come here: Tauri's calls (`ipc:`),
 * those to other origins, and those for files of the page, whose server answers what it has not with a page or an error.
 * Nobody can see whether a function that became the global one later is around this package's, so each counts as such.
 */
export function answerOfPage(
  url: URL,
  input: string | URL | Request,
  init: FetchInit | null | undefined,
): Promise<Response | null> | null {
  const send = () => browsersFetch(input, init ?? undefined);
  if (url.protocol === "ipc:" || url.hostname === "ipc.localhost") return send();
  if (globalThis.fetch === first || isOfSidecar(url)) return null;
  if (!isOwn(url)) return send();
  const method = init?.method ?? (input instanceof Request ? input.method : "GET");
  if (method.toUpperCase() !== "GET" || !FILE.test(url.pathname)) return null;
  return send().then(
    (response) => {
      const isPage = response.headers.get("content-type")?.startsWith("text/html") ?? false;
      return response.ok && !isPage ? response : null;
    },
    // A page without a server, as in a test, has no files. An abort rejects the request to the sidecar, too.
    () => null,
  );
}
