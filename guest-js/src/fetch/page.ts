import { absolute, isOfSidecar, isOwn } from "./address.js";
import type { FetchInit } from "./init.js";

/** The `fetch` that the page had before this package was loaded. */
export const pageFetch: typeof globalThis.fetch = globalThis.fetch?.bind(globalThis);

/** The name of a file that is no page: a path that ends so may be an asset. */
const FILE = /\.(?!html?$)[^./]+$/i;

/**
 * The page's own answer to a request that is not for a sidecar; null for all others, at once where no answer has to show
 * that. Tauri's calls (`ipc:`) come here where this package's `fetch`, or one around it, is `globalThis.fetch`. If it
 * is itself (`isGlobal`), so do other origins and the files of the page: the page's own server answers everything that
 * it has not with a page or an error.
 */
export function answerOfPage(
  input: string | URL | Request,
  init: FetchInit | null | undefined,
  isGlobal: boolean,
): Promise<Response | null> | null {
  const url = absolute(input);
  const send = () => pageFetch(input, init ?? undefined);
  if (url.protocol === "ipc:" || url.hostname === "ipc.localhost") return send();
  if (!isGlobal || isOfSidecar(url)) return null;
  if (!isOwn(url)) return send();
  const method = init?.method ?? (input instanceof Request ? input.method : "GET");
  if (method.toUpperCase() !== "GET" || !FILE.test(url.pathname)) return null;
  return send().then((response) => {
    const isPage = response.headers.get("content-type")?.startsWith("text/html") ?? false;
    return response.ok && !isPage ? response : null;
  });
}
