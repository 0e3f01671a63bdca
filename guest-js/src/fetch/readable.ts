import { readInit } from "./init.js";
import { toMultipart } from "./multipart.js";

/**
 * The browser's `Request`, with a body that every webview can read: WebKitGTK cannot read a `FormData` with files
 * back out of the browser's own class. Give this class to clients that make their own requests, such as
 * openapi-fetch:
 *
 * ```ts
 * const client = createClient<paths>({ fetch, Request });
 * ```
 */
export class ReadableRequest extends Request {
  /** Takes the arguments of the browser's `Request`, and throws what the browser throws. */
  constructor(input: string | URL | Request, init?: RequestInit | null) {
    const read = readInit(init);
    super(input, read.body instanceof FormData ? { ...read, body: toMultipart(read.body) } : read);
  }
}
