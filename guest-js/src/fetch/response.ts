import type { Exchange } from "../wire/exchange.js";
import type { Frame } from "../wire/frame.js";
import type { FetchResponse } from "../wire/types.js";
import { decoded } from "./coding.js";
import type { Followed } from "./follow.js";
import { bodyInPieces, type ReceivedBody, wholeBody } from "./received.js";

/** The statuses whose responses have no body, not even an empty one (Fetch Standard, "null body status"). */
const NULL_BODY_STATUSES = [101, 103, 204, 205, 304];

/** What a response says about its request. */
interface AnsweredRequest {
  method: string;
  url: URL;
  redirected: boolean;
  signal: AbortSignal | null;
}

/** Makes a `Response` of an answer. */
export function responseOf({ answer, exchange, request, redirected, opaque }: Followed): Response {
  const { method, url, signal } = request;
  if (opaque) return opaqueRedirect(url);
  return toResponse(answer, exchange, { method, url, redirected, signal });
}

/**
 * Makes a `Response` of the host's answer. What is missing of the body is read from the host as fast as the page
 * reads.
 */
function toResponse(
  { head, body }: Frame<FetchResponse>,
  exchange: Exchange,
  { method, url, redirected, signal }: AnsweredRequest,
): Response {
  const { status, statusText, headers } = head;
  // A script cannot make a `Response` of a status from 600 to 999, which a browser shows as it came.
  const init = { status: Math.min(status, 599), statusText, headers };
  const shown: Shown = { url: url.href, type: "basic" };
  if (redirected) shown.redirected = true;
  if (status > 599) shown.status = status;
  if (method === "HEAD" || NULL_BODY_STATUSES.includes(status)) {
    if (head.streams) exchange.cancel();
    return showing(new Response(null, init), shown, wholeBody(body, signal).failure);
  }
  const received = head.streams ? bodyInPieces(body, exchange, signal) : wholeBody(body, signal);
  const { body: plain, failure } = decoded(received, headers);
  return showing(new Response(plain, init), shown, failure);
}

/** The response of a redirect that the page does not follow. Like a browser's, it has neither headers nor status. */
function opaqueRedirect(url: URL): Response {
  const shown: Shown = { url: url.href, type: "opaqueredirect", status: 0, ok: false };
  return showing(new Response(null), shown, () => null);
}

/** The properties that a script cannot give a `Response` in its constructor. */
type Shown = { -readonly [Name in "url" | "redirected" | "type" | "status" | "ok"]?: Response[Name] };

/** What is known of a response that came over the bridge. */
interface Known {
  shown: Shown;
  failure: ReceivedBody["failure"];
}

const known = new WeakMap<Response, Known>();

/** Makes a response, and each clone of the response, one that came over the bridge. */
function showing(response: Response, shown: Shown, failure: ReceivedBody["failure"]): Response {
  known.set(response, { shown, failure });
  // Not on the prototype: in happy-dom these are the object's own.
  for (const name in shown) Object.defineProperty(response, name, { value: shown[name as keyof Shown] });
  return Object.setPrototypeOf(response, ofBridge(Object.getPrototypeOf(response)));
}

/** The way to read a body under that name, where the browser has it. */
function readerOf(base: Response, name: string): [string, PropertyDescriptor][] {
  const read: (() => Promise<unknown>) | undefined = Reflect.get(base, name);
  if (!read) return [];
  const value = async function (this: Response): Promise<unknown> {
    return readBody(this, read, (known.get(this) as Known).failure);
  };
  return [[name, { value }]];
}

/**
 * What responses of the bridge have in place of what every `Response` of that prototype has: one object, for each call makes a
 * response. A page may put another class in place of `Response`, and a test may have none when this is loaded.
 */
const ofBridge = oncePerPrototype((base: Response) =>
  Object.create(base, {
    headers: {
      get(this: Response) {
        const headers: Headers = Reflect.get(base, "headers", this);
        if (headers.set === refuseChange) return headers;
        return Object.setPrototypeOf(headers, immutable(Object.getPrototypeOf(headers)));
      },
    },
    clone: {
      value(this: Response) {
        const { shown, failure } = known.get(this) as Known;
        return showing(base.clone.call(this), shown, failure);
      },
    },
    ...Object.fromEntries(
      ["arrayBuffer", "blob", "bytes", "formData", "json", "text"].flatMap((name) => readerOf(base, name)),
    ),
  }),
);

/** What the headers of such a response have in place of what all `Headers` have. */
const immutable = oncePerPrototype((base: Headers) =>
  Object.create(base, {
    append: { value: refuseChange },
    delete: { value: refuseChange },
    set: { value: refuseChange },
  }),
);

function oncePerPrototype<T extends object>(make: (base: T) => object): (base: T) => object {
  const made = new WeakMap<T, object>();
  return (base) => {
    const own = made.get(base) ?? make(base);
    made.set(base, own);
    return own;
  };
}

function refuseChange(): never {
  throw new TypeError("the headers of a response cannot be changed; make a new Headers of them");
}

/** Reads a body as a browser does, which rejects with the reason for which the body broke off: WebKit says a `TypeError`. */
async function readBody<T>(
  response: Response,
  read: () => Promise<T>,
  failure: ReceivedBody["failure"],
): Promise<T> {
  const before = failure();
  // A body that was read, or that has a reader, gets the browser's own error.
  if (response.bodyUsed || (before && response.body?.locked)) return read.call(response);
  if (before) throw before.reason;
  try {
    return await read.call(response);
  } catch (error) {
    const broken = failure();
    throw broken ? broken.reason : error;
  }
}
