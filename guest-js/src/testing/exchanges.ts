import { unlessAborted } from "../wire/abort.js";
import { decodeFrame, encodeFrame } from "../wire/frame.js";
import { REDIRECTS } from "../wire/redirects.js";
import type {
  DownloadRequest,
  ErrorCode,
  FetchRequest,
  FetchResponse,
  Problem,
  UploadRequest,
  WriteRequest,
} from "../wire/types.js";
import { Cookies } from "./cookies.js";
import { Files, joined } from "./files.js";
import { problem } from "./problem.js";
import type { Sidecar } from "./sidecar.js";

/** The origin of the sidecar, and of its requests when the page has no http address. */
const ORIGIN = "http://localhost";

/** A request on its way. */
interface Exchange {
  /** The name of the sidecar that answers. */
  sidecar: string;
  /** Aborts when the exchange ends; the reason is the problem that ended it. */
  ended: AbortController;
  /** Whether the handler has the request, and may have done what it asks for. */
  begun: boolean;
  /** Takes the pieces of the request's body. */
  upload: WritableStreamDefaultWriter<Uint8Array> | null;
  /** Has the pieces of the answer's body. */
  download: ReadableStreamDefaultReader<Uint8Array> | null;
  /** How many pieces of the answer were read. */
  reads: number;
}

/**
 * The host's side of the commands `fetch`, `read`, `write` and `cancel`, like `src/guest/exchange.rs` of the plugin, of `download`,
 * `save`, `upload` and `cookies`, and of what waits in an exchange.
 */
export class Exchanges {
  readonly #open = new Map<string, Exchange>();
  readonly #find: (sidecar: string | null) => Sidecar;
  readonly #cookies = new Cookies();
  readonly files = new Files();

  constructor(find: (sidecar: string | null) => Sidecar) {
    this.#find = find;
  }

  async fetch(frame: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
    const { head, body } = decodeFrame<FetchRequest>(frame);
    return frameOf(await this.#ask(head, body));
  }

  /** Sends a form with files of the test. */
  async upload(form: UploadRequest, tell: (progress: [number, number]) => void): Promise<ArrayBuffer> {
    const [body, type] = this.files.formOf(form);
    const headers = form.request.headers.filter(([name]) => name !== "content-type");
    const answer = await this.#ask({ ...form.request, headers: [...headers, ["content-type", type]] }, body);
    tell([body.length, body.length]);
    return frameOf(answer);
  }

  /** Answers with the head of what {@link save} puts among the files of the test. */
  async download(frame: Uint8Array<ArrayBuffer>): Promise<FetchResponse> {
    const { head, body } = decodeFrame<DownloadRequest>(frame);
    const { request, to } = head;
    if (to !== null) this.files.check(to);
    const answer = await this.#ask(request, body);
    const { status } = answer;
    if (status >= 200 && status < 300) {
      // An answer without a body is saved, too.
      return { ...answer, streams: true };
    }
    const whole = answer.streams ? await this.#whole(request.exchange, () => {}) : new Uint8Array();
    if (REDIRECTS.includes(status)) return { ...answer, streams: false };
    throw refusalOf(`${request.method} ${request.path}`, status, new TextDecoder().decode(whole));
  }

  /** Puts the answer to a download among the files of the test, once it is whole. */
  async save(name: string, path: string, tell: (bytes: number) => void): Promise<number> {
    try {
      this.files.check(path);
    } catch (reason) {
      this.cancel(name);
      throw reason;
    }
    const whole = this.#open.has(name) ? await this.#whole(name, tell) : new Uint8Array();
    this.files.contents.set(path, whole);
    return whole.length;
  }

  /** Reads the rest of an answer. */
  async #whole(name: string, tell: (bytes: number) => void): Promise<Uint8Array<ArrayBuffer>> {
    const { download, ended } = this.#named(name);
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for (;;) {
      const next = download?.read() ?? Promise.resolve({ done: true as const, value: undefined });
      const { done, value } = await unlessAborted(next, ended.signal);
      if (done) break;
      parts.push(value);
      bytes += value.length;
      tell(bytes);
    }
    this.#open.delete(name);
    return joined(parts);
  }

  /** Lets the handler answer a request, and gives the head of the answer. */
  async #ask(head: FetchRequest, body: Uint8Array<ArrayBuffer>): Promise<FetchResponse> {
    const { lifecycle, handler } = this.#find(head.sidecar);
    const exchange = this.#begin(head.exchange, lifecycle.status.sidecar);
    const { ended } = exchange;
    const request = requestOf(head, body, exchange);
    try {
      await unlessAborted(lifecycle.serves(head.waitMs), ended.signal);
      exchange.begun = true;
      const response = await unlessAborted(Promise.resolve(handler(request)), ended.signal);
      return this.#reply(head, response, exchange);
    } catch (reason) {
      this.#open.delete(head.exchange);
      throw reason;
    }
  }

  /** Waits for something of a sidecar, unless the exchange ends before. */
  async wait<T>(name: string, sidecar: string, waiting: Promise<T>): Promise<T> {
    const { ended } = this.#begin(name, sidecar);
    try {
      return await unlessAborted(waiting, ended.signal);
    } finally {
      this.#open.delete(name);
    }
  }

  async read(name: string): Promise<ArrayBuffer> {
    const exchange = this.#named(name);
    if (exchange.download === null)
      throw problem("failed_precondition", `exchange ${name} has no answer yet`);
    const number = exchange.reads++;
    const { done, value } = await unlessAborted(exchange.download.read(), exchange.ended.signal);
    if (done) this.#open.delete(name);
    const bytes = value ?? new Uint8Array();
    const piece = new Uint8Array(5 + bytes.length);
    new DataView(piece.buffer).setUint32(0, number);
    piece[4] = done ? 1 : 0;
    piece.set(bytes, 5);
    return piece.buffer;
  }

  async write(frame: Uint8Array<ArrayBuffer>): Promise<void> {
    const { head, body } = decodeFrame<WriteRequest>(frame);
    const { upload, ended } = this.#named(head.exchange);
    if (upload === null) throw problem("failed_precondition", `exchange ${head.exchange} takes no body`);
    if (body.length > 0) await unlessAborted(upload.write(body.slice()), ended.signal);
    if (head.last) await unlessAborted(upload.close(), ended.signal);
  }

  cookies(sidecar: string | null): [string, string][] {
    return this.#cookies.of(this.#find(sidecar).lifecycle.status.sidecar);
  }

  cancel(name: string): void {
    const exchange = this.#open.get(name);
    this.#open.delete(name);
    if (exchange) end(exchange, problem("cancelled", "the page has cancelled"));
  }

  /**
   * Ends what a sidecar has begun, as the end of its process does; what was asked for may have been done. Requests that wait
   * for the sidecar wait on.
   */
  endBegun(sidecar: string, reason: Problem): void {
    this.#end({ ...reason, retryable: false }, (exchange) => exchange.begun && exchange.sidecar === sidecar);
  }

  /** Ends all exchanges of a sidecar that is taken away. */
  endAll(sidecar: string, reason: Problem): void {
    this.#end(reason, (exchange) => exchange.sidecar === sidecar);
  }

  #end(reason: Problem, concerns: (exchange: Exchange) => boolean): void {
    for (const [name, exchange] of this.#open) {
      if (!concerns(exchange)) continue;
      this.#open.delete(name);
      end(exchange, reason);
    }
  }

  #begin(name: string, sidecar: string): Exchange {
    const ended = new AbortController();
    const exchange: Exchange = { sidecar, ended, begun: false, upload: null, download: null, reads: 0 };
    this.#open.set(name, exchange);
    return exchange;
  }

  #named(name: string): Exchange {
    const exchange = this.#open.get(name);
    if (exchange === undefined) throw problem("cancelled", `exchange ${name} is over`);
    return exchange;
  }

  #reply(head: FetchRequest, response: Response, exchange: Exchange): FetchResponse {
    if (response.bodyUsed || response.body?.locked) {
      const what = `${head.method} ${head.path}`;
      throw problem(
        "internal",
        `${what} was answered with a Response that was read before; make one per request`,
      );
    }
    if (head.cookies) this.#cookies.take(exchange.sidecar, response.headers);
    exchange.download = response.body?.getReader() ?? null;
    if (exchange.download === null) this.#open.delete(head.exchange);
    const { status, statusText } = response;
    const headers = [...response.headers].filter(([name]) => name !== "set-cookie");
    const streams = exchange.download !== null;
    return { status, statusText, headers, origin: ORIGIN, streams };
  }
}

function frameOf(head: FetchResponse): ArrayBuffer {
  return encodeFrame({ head, body: new Uint8Array() }).buffer;
}

/** The codes of error statuses, as in `src/error/code.rs`, which differ from those of their hundred. */
const CODES: Record<number, ErrorCode> = {
  401: "unauthenticated",
  403: "permission_denied",
  404: "not_found",
  408: "deadline_exceeded",
  409: "failed_precondition",
  410: "not_found",
  412: "failed_precondition",
  413: "resource_exhausted",
  429: "resource_exhausted",
  499: "cancelled",
  502: "unavailable",
  503: "unavailable",
  504: "deadline_exceeded",
};

/** The problem of a download that was answered with an error status. */
function refusalOf(request: string, status: number, body: string): Problem {
  const code = CODES[status] ?? (status >= 400 && status < 500 ? "invalid_argument" : "internal");
  let data: unknown = null;
  try {
    data = JSON.parse(body);
  } catch {
    // An answer that is no JSON is left out, as by the host.
  }
  return problem(code, `${request} was answered with status ${status}`, { retryable: false, data });
}

function end({ ended, upload, download }: Exchange, reason: Problem): void {
  ended.abort(reason);
  // The page's reads and writes reject with the problem, by the signal. These two free the streams of the handler.
  upload?.abort(reason).catch(() => {});
  download?.cancel(reason).catch(() => {});
}

/** The request as the handler sees it. The signal of the request aborts when the exchange ends. */
function requestOf(head: FetchRequest, body: Uint8Array<ArrayBuffer>, exchange: Exchange): Request {
  const { href } = globalThis.location ?? { href: ORIGIN };
  const url = new URL(head.path, href.startsWith("http") ? href : ORIGIN);
  const init: RequestInit & { duplex?: "half" } = { method: head.method, headers: head.headers };
  if (head.streams) {
    const pipe = new TransformStream<Uint8Array, Uint8Array>();
    exchange.upload = pipe.writable.getWriter();
    init.body = pipe.readable;
    init.duplex = "half";
  } else if (body.length > 0) {
    init.body = body.slice();
  }
  return new Request(url, { ...init, signal: exchange.ended.signal });
}
