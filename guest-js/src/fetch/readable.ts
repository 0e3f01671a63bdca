import { readInit } from "./init.js";
import { toMultipart } from "./multipart.js";

const Browsers = globalThis.Request;

/**
 * The browser's `Request`, with a body that every webview can read: WebKitGTK cannot read a `FormData` with files
 * back out of the browser's own class. Clients that make their own requests take it as an option, or as the global class:
 *
 * ```ts
 * globalThis.Request = Request;
 * ```
 */
export class ReadableRequest extends Browsers {
  /** Every `Request` is one of these too, also where this class is the global one. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return Function.prototype[Symbol.hasInstance].call(Browsers, value);
  }

  /** Takes the arguments of the browser's `Request`, and throws what the browser throws. */
  constructor(input: string | URL | Request, init?: RequestInit | null) {
    const read = readInit(init);
    super(input, read.body instanceof FormData ? { ...read, body: toMultipart(read.body) } : read);
  }
}
