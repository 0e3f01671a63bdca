import { unlessAborted } from "../wire/abort.js";
import { ownUrl } from "./address.js";
import { type Extracted, extractBody, whole } from "./body.js";
import type { FetchInit } from "./init.js";

/** A request of a page, taken apart. */
export interface PageRequest extends Extracted {
  url: URL;
  method: string;
  headers: Headers;
  redirect: RequestRedirect;
  credentials: RequestCredentials;
  signal: AbortSignal | null;
  sidecar: string | null;
  waitMs: number | null;
}

/**
 * Reads the arguments of `fetch`. The browser's own `Request` checks and normalises all of them but the body, which
 * not every webview could read back from there.
 *
 * Throws what the browser throws for wrong ones: a `TypeError`, or the reason of a signal that has aborted.
 */
export async function readRequest(input: string | URL | Request, init: FetchInit): Promise<PageRequest> {
  const { body, sidecar = null, waitMs = null, ...rest } = init;
  const given = input instanceof Request ? input : null;
  const signal = init.signal === undefined ? (given?.signal ?? null) : init.signal;
  signal?.throwIfAborted();

  const url = ownUrl(input);
  // Stands for any body, so that the browser refuses one that must not be there, and adds no content type.
  const standIn = body == null ? null : new Uint8Array();
  const request = new Request(given ?? url, { ...rest, ...(standIn && { body: standIn }) });
  const extracted =
    body == null ? await readGiven(request, signal) : await unlessAborted(extractBody(body), signal);
  const { headers, method, redirect, credentials } = request;
  if (!headers.has("accept")) headers.set("accept", "*/*");
  if (extracted.type !== null && !headers.has("content-type")) headers.set("content-type", extracted.type);
  return { url, method, headers, redirect, credentials, signal, sidecar, waitMs, ...extracted };
}

/** The body of a `Request` that the caller made. */
async function readGiven(request: Request, signal: AbortSignal | null): Promise<Extracted> {
  // Firefox has no `body`, even where there is one; these methods have none anywhere.
  if (request.method === "GET" || request.method === "HEAD") {
    return { body: { kind: "bytes", bytes: new Uint8Array() }, type: null };
  }
  const bytes = await unlessAborted(readBytes(request), signal);
  return { body: whole(bytes), type: null };
}

async function readBytes(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await request.arrayBuffer());
  } catch (cause) {
    // Only WebKitGTK comes here: see `toMultipart`.
    if (!(cause instanceof DOMException && cause.name === "InvalidStateError")) throw cause;
    throw new TypeError(
      "this webview cannot read a FormData with files out of a Request; make it with the `Request` of this package, or give fetch the url, and the FormData as `body`",
      { cause },
    );
  }
}
