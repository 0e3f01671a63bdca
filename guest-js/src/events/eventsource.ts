import { ownUrl } from "../fetch/address.js";
import { fetch } from "../fetch/fetch.js";
import type { FetchInit } from "../fetch/init.js";
import { BridgeError } from "../wire/error.js";
import type { ErrorCode } from "../wire/types.js";
import { failureEvent } from "./failure.js";
import { Handlers } from "./handlers.js";
import { blocksOf, isEventStream } from "./serverevents.js";

/** The pause before each new connection, in ms, until the server sets another. Source: Chromium and WebKit. */
const RECONNECT_MS = 3000;
/** The longest pause: a longer timer would end at once. */
const MAX_RECONNECT_MS = 2 ** 31 - 1;

const encoder = new TextEncoder();

/** The refusals after which another connection would be refused, too. */
const FINAL: ErrorCode[] = [
  "invalid_argument",
  "unauthenticated",
  "permission_denied",
  "not_found",
  "failed_precondition",
];

/** `EventTarget`, with the event types of `EventSource`. */
const Target = EventTarget as new () => Pick<EventSource, keyof EventTarget>;

/** Options of {@link BridgeEventSource}. */
export interface BridgeEventSourceInit {
  /** The sidecar's name in the app's configuration. An app with a single sidecar needs no name. */
  sidecar?: string;
  /** The headers of each request, such as `Authorization`. The browser's own `EventSource` cannot send headers. */
  headers?: HeadersInit;
}

/**
 * Receives Server-Sent Events from a sidecar, with the interface of the browser's `EventSource`.
 *
 * ```ts
 * const progress = new BridgeEventSource("/progress");
 * progress.addEventListener("step", ({ data }) => show(JSON.parse(data)));
 * ```
 *
 * When the stream ends or breaks off, the source connects again and sends the id of the last event as
 * `Last-Event-ID`. The source stops for good when `close` is called, when the sidecar answers with `204`, with another
 * status than 200 or with another type than `text/event-stream`, and when the host refuses the request: no scope allows it,
 * or there is no such sidecar. The `error` and `message` of that `error` event say why, and so does the console.
 *
 * Source: HTML Standard, 9.2 "Server-sent events".
 */
export class BridgeEventSource extends Target implements EventSource {
  /** The values of {@link readyState}. */
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSED = 2;
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSED = 2;

  /** The address, as a URL of the page's own origin. */
  readonly url: string;
  /** Always false: the page's cookies are never sent. */
  readonly withCredentials = false;

  #readyState: 0 | 1 | 2 = 0;
  #lastEventId = "";
  #reconnectMs = RECONNECT_MS;
  readonly #closing = new AbortController();
  readonly #handlers = new Handlers<EventSource, EventSourceEventMap>(this);
  readonly #init: BridgeEventSourceInit;

  /** Connects at once. Throws a `TypeError` for an address that is not of the page's own origin. */
  constructor(url: string | URL, init: BridgeEventSourceInit = {}) {
    super();
    this.url = ownUrl(url).href;
    this.#init = init;
    void this.#run();
  }

  /** Is called for each connection. */
  get onopen(): EventSource["onopen"] {
    return this.#handlers.get("open");
  }

  set onopen(handler: EventSource["onopen"]) {
    this.#handlers.set("open", handler);
  }

  /** Is called for each event without a type of its own. */
  get onmessage(): EventSource["onmessage"] {
    return this.#handlers.get("message");
  }

  set onmessage(handler: EventSource["onmessage"]) {
    this.#handlers.set("message", handler);
  }

  /** Is called when the connection ends; {@link readyState} says whether the source connects again. */
  get onerror(): EventSource["onerror"] {
    return this.#handlers.get("error");
  }

  set onerror(handler: EventSource["onerror"]) {
    this.#handlers.set("error", handler);
  }

  /** Whether the source connects (0), is open (1) or is closed (2). */
  get readyState(): 0 | 1 | 2 {
    return this.#readyState;
  }

  /** Ends the connection, and makes no other. */
  close(): void {
    this.#readyState = 2;
    this.#closing.abort();
  }

  async #run(): Promise<void> {
    while (this.#readyState !== 2) {
      let body: ReadableStream<Uint8Array> | null;
      try {
        body = await this.#connect();
      } catch (reason) {
        this.#fail(reason);
        return;
      }
      if (this.#closing.signal.aborted) return;
      if (body !== null) {
        this.#readyState = 1;
        this.#dispatch("open", new Event("open"));
        await this.#listen(body).catch(() => {});
      }
      // A listener may have called `close`.
      if (this.readyState === 2) return;
      this.#readyState = 0;
      this.#dispatch("error", new Event("error"));
      await new Promise((resolve) => setTimeout(resolve, this.#reconnectMs));
    }
  }

  /**
   * The stream of events; null when there is none, so that the source connects again. Throws what ends the source for good:
   * null for an end that needs no reason.
   */
  async #connect(): Promise<ReadableStream<Uint8Array> | null> {
    let response: Response;
    try {
      response = await this.#fetch();
    } catch (reason) {
      if (reason instanceof BridgeError && !FINAL.includes(reason.code)) return null;
      throw reason;
    }
    const { body, status } = response;
    const type = response.headers.get("content-type");
    if (status === 200 && body !== null && isEventStream(type)) return body;
    body?.cancel().catch(() => {});
    if (status === 204) throw null;
    throw new TypeError(
      `it was answered with status ${status} and type ${type}; answer with 200 and text/event-stream`,
    );
  }

  #fetch(): Promise<Response> {
    const headers = new Headers(this.#init.headers);
    headers.set("accept", "text/event-stream");
    // A header has bytes, and those of an id are UTF-8.
    const id = Array.from(encoder.encode(this.#lastEventId), (byte) => String.fromCharCode(byte)).join("");
    if (id !== "") headers.set("last-event-id", id);
    const { sidecar } = this.#init;
    const { signal } = this.#closing;
    const init: FetchInit = { headers, signal, cache: "no-store", ...(sidecar !== undefined && { sidecar }) };
    return fetch(new URL(this.url), init);
  }

  #fail(reason: unknown): void {
    if (this.#readyState === 2) return;
    this.#readyState = 2;
    if (reason !== null) console.error(`the event source ${this.url} ends:`, reason);
    this.#dispatch("error", reason === null ? new Event("error") : failureEvent(reason));
  }

  async #listen(body: ReadableStream<Uint8Array>): Promise<void> {
    const { protocol, host } = new URL(this.url);
    const origin = `${protocol}//${host}`;
    for await (const block of blocksOf(body, this.#lastEventId)) {
      if ("reconnectMs" in block) {
        this.#reconnectMs = Math.min(block.reconnectMs, MAX_RECONNECT_MS);
        continue;
      }
      this.#lastEventId = block.lastEventId;
      if (block.data === undefined) continue;
      const { type, data, lastEventId } = block;
      this.#dispatch(type, new MessageEvent(type, { data, lastEventId, origin }));
    }
  }

  #dispatch(name: string, event: Event): void {
    // A listener may have called `close`: no event follows that but `error`.
    if (this.#readyState === 2 && name !== "error") return;
    this.dispatchEvent(event);
  }
}
