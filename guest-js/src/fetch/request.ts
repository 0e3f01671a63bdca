import { unlessAborted } from "../wire/abort.js";
import { owned } from "./address.js";
import { bytesBody, type ExtractedBody, extractBody } from "./body.js";
import { ACCEPT_ENCODING } from "./coding.js";
import { pageHeaders } from "./headers.js";
import { type FetchInit, type Progress, readInit } from "./init.js";

/** What a page asks for: the arguments of `fetch`, checked and completed. */
export interface PageRequest extends ExtractedBody {
  url: URL;
  method: string;
  headers: [name: string, value: string][];
  redirect: RequestRedirect;
  credentials: RequestCredentials;
  signal: AbortSignal | null;
  sidecar: string | null;
  waitMs: number | null;
  /** Hears how much of the body is sent. */
  onProgress: ((progress: Progress) => void) | null;
}

/**
 * Reads the arguments of `fetch`; `asked` is the address of `input`. The browser's own `Request` checks and normalises all arguments but the body: some
 * webviews cannot read a body back out of a `Request`.
 *
 * Throws what the browser throws: a `TypeError` for wrong arguments, or the reason of a signal that has aborted.
 */
export async function readRequest(
  asked: URL,
  input: string | URL | Request,
  init: FetchInit | null | undefined,
): Promise<PageRequest> {
  const { body, sidecar = null, waitMs = null, onProgress, ...rest } = readInit(init);
  const given = input instanceof Request ? input : null;
  const signal = rest.signal === undefined ? (given?.signal ?? null) : rest.signal;

  const url = owned(asked);
  // An empty body in place of the real one: the browser refuses a body where none may be, and adds no content type.
  const standIn = body == null ? null : new Uint8Array();
  const request = new Request(given ?? url, { ...rest, ...(standIn && { body: standIn }) });
  if (signal?.aborted) {
    if (body instanceof ReadableStream && !body.locked) body.cancel(signal.reason).catch(() => {});
    throw signal.reason;
  }
  // The body of a `Request` is read from the `Request`: WebKitGTK's stream of it stops when that is collected.
  const extracted =
    body == null || init instanceof Request
      ? await bodyOf(body == null ? request : (init as Request), signal)
      : await unlessAborted(extractBody(body), signal);
  const { method, redirect, credentials } = request;
  const headers = [...request.headers];
  const unasked: [string, string][] = [
    ["accept", "*/*"],
    ["accept-encoding", ACCEPT_ENCODING],
    ...pageHeaders(),
  ];
  if (extracted.type !== null) unasked.push(["content-type", extracted.type]);
  for (const header of unasked) if (!request.headers.has(header[0])) headers.push(header);
  const bridge = { sidecar, waitMs, onProgress: onProgress ? later(onProgress) : null };
  return { url, method, headers, redirect, credentials, signal, ...bridge, ...extracted };
}

/** Calls a function of the page so that what it throws breaks nothing off, and is reported. */
export function later<T>(listener: (value: T) => void): (value: T) => void {
  return (value) => queueMicrotask(() => listener(value));
}

/** Reads the body of a `Request`. */
async function bodyOf(request: Request, signal: AbortSignal | null): Promise<ExtractedBody> {
  // The method decides, not `request.body`: Firefox has no such property.
  if (request.method === "GET" || request.method === "HEAD") {
    return { body: { kind: "bytes", bytes: new Uint8Array() }, type: null };
  }
  const bytes = await unlessAborted(readBytes(request), signal);
  return { body: bytesBody(bytes), type: null };
}

async function readBytes(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await request.arrayBuffer());
  } catch (cause) {
    // WebKitGTK throws this for a FormData with files, see `toMultipart`.
    if (!(cause instanceof DOMException && cause.name === "InvalidStateError")) throw cause;
    throw new TypeError(
      "this webview cannot read a FormData with files out of a Request; make it with the `Request` of this package, or give fetch the url, and the FormData as `body`",
      { cause },
    );
  }
}
