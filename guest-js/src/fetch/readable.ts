import { toMultipart } from "./multipart.js";

/**
 * The browser's `Request`, whose body every webview can read: WebKitGTK cannot read a `FormData` with files out of its own.
 * For clients that make their own requests, such as openapi-fetch: `createClient({ fetch, Request })`.
 */
export class ReadableRequest extends Request {
  constructor(input: string | URL | Request, init: RequestInit = {}) {
    super(input, init.body instanceof FormData ? { ...init, body: toMultipart(init.body) } : init);
  }
}
