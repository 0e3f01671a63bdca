import { invoke } from "@tauri-apps/api/core";
import { unlessAborted } from "./abort.js";
import type { FetchRequest, FetchResponse } from "./bindings.js";
import { decodeFrame, encodeFrame } from "./frame.js";
import { askHost } from "./host.js";
import { toMultipart } from "./multipart.js";

/** What {@link fetch} takes beside the address: the browser's own options, and which sidecar to ask. */
export interface FetchInit extends RequestInit {
  /** The sidecar's name in the app's configuration. Can be left out while there is only one. */
  sidecar?: string;
}

/**
 * Sends an HTTP request to a sidecar and resolves with its response, like the browser's `fetch` but without a
 * port: the request goes through the host, which judges it by the app's capabilities.
 *
 * ```ts
 * const response = await fetch("/api/users", { method: "POST", body: JSON.stringify({ name: "Ada" }) });
 * ```
 *
 * - Addresses: a path such as `"/api/users?page=2"`, or a `URL` or `Request` of the page's own origin, of which
 *   path and query are used.
 * - Bodies: text, `URLSearchParams`, `FormData`, `Blob`, `ArrayBuffer` and its views, with the content type that
 *   the browser would choose. Request and response are each held in memory whole. A `FormData` with files must be
 *   given as `body` here, not inside a `Request`: WebKitGTK cannot read it back from there.
 * - A redirect is returned, not followed. `cache`, `credentials`, `mode` and `keepalive` have no effect.
 * - `signal`: once it aborts, the promise rejects with its reason. A request already on its way to the sidecar
 *   is not called back: the sidecar may still carry it out.
 *
 * Rejects with a {@link BridgeError} when there is no response: `unavailable` while the sidecar does not run,
 * `permission_denied` when no capability of the window grants the request, `not_found` for an unknown sidecar.
 * Rejects with a `TypeError` when the arguments do not make a request. An HTTP error status resolves.
 */
export async function fetch(input: string | URL | Request, init: FetchInit = {}): Promise<Response> {
  const signal = init.signal === undefined && input instanceof Request ? input.signal : init.signal;
  signal?.throwIfAborted();

  const url = ownUrl(input);
  const request = new Request(input instanceof Request ? input : url, withReadableBody(init));
  // Whatever the body was, only its bytes may go on: a Blob sent to the host crashes WebKitGTK.
  const body = new Uint8Array(await unlessAborted(readBody(request), signal));
  const head: FetchRequest = {
    sidecar: init.sidecar ?? null,
    method: request.method,
    path: url.pathname + url.search,
    headers: [...request.headers],
  };

  const exchange = askHost(async () => {
    const reply = await invoke<unknown>("plugin:sidecar-bridge|fetch", encodeFrame({ head, body }));
    return toResponse(reply, request.method, url);
  });
  return unlessAborted(exchange, signal);
}

/** The address within the page's own origin; an address elsewhere is a mistake that no sidecar could answer. */
function ownUrl(input: string | URL | Request): URL {
  const page = new URL(globalThis.location?.href ?? "http://localhost");
  const address = input instanceof Request ? input.url : input;
  if (typeof input !== "string" || input.startsWith("/")) {
    const url = new URL(address, page);
    url.hash = "";
    // Not `origin`: that is "null" for `tauri://localhost`, where the page of a packaged app lives.
    if (url.protocol === page.protocol && url.host === page.host) return url;
  }
  throw new TypeError(
    `cannot fetch ${JSON.stringify(address)} from a sidecar; give a path that starts with "/", or a url of ${page.protocol}//${page.host}`,
  );
}

/** The options with a body that every webview can read back from a `Request`. */
function withReadableBody(init: FetchInit): FetchInit {
  if (init.body instanceof FormData) return { ...init, body: toMultipart(init.body) };
  if (init.body instanceof ReadableStream) {
    // WebKit would send the text "[object ReadableStream]".
    throw new TypeError(
      "a ReadableStream cannot be a request body; read it first: await new Response(stream).arrayBuffer()",
    );
  }
  return init;
}

async function readBody(request: Request): Promise<ArrayBuffer> {
  try {
    return await request.arrayBuffer();
  } catch (cause) {
    // Only a Request that was made elsewhere comes here, and only in WebKitGTK: see `toMultipart`.
    if (!(cause instanceof DOMException && cause.name === "InvalidStateError")) throw cause;
    throw new TypeError(
      "this webview cannot read a FormData with files out of a Request; give fetch the url, and the FormData as `body`",
      { cause },
    );
  }
}

/** The statuses with which a response has no body, not even an empty one (Fetch Standard, "null body status"). */
const NULL_BODY_STATUSES = [204, 205, 304];

function toResponse(reply: unknown, method: string, url: URL): Response {
  const { head, body } = decodeFrame<FetchResponse>(replyBytes(reply));
  const bodiless = method === "HEAD" || NULL_BODY_STATUSES.includes(head.status);
  // The list may repeat a header: `Headers` appends where a record would overwrite.
  const response = new Response(bodiless ? null : body, { status: head.status, headers: head.headers });
  Object.defineProperty(response, "url", { value: url.href });
  return response;
}

/** Bytes come as an array of numbers where a content security policy keeps the page from `ipc:`. */
function replyBytes(reply: unknown): Uint8Array<ArrayBuffer> {
  if (reply instanceof ArrayBuffer) return new Uint8Array(reply);
  if (Array.isArray(reply)) return Uint8Array.from(reply);
  throw new TypeError(
    "the host's reply is not bytes; the npm package and the plugin must have the same version",
  );
}
