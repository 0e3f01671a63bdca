import { ownUrl } from "../fetch/address.js";
import { fetch } from "../fetch/fetch.js";
import type { FetchInit } from "../fetch/init.js";
import { linesOf } from "../fetch/lines.js";
import { Handlers } from "./handlers.js";

/** How long to wait before the first attempt to connect again, in ms, unless the server says; as in Chromium and WebKit. */
const RECONNECT_MS = 3000;

/** An `EventTarget` that knows the types of an `EventSource`'s events. */
const Target = EventTarget as new () => Pick<EventSource, keyof EventTarget>;

/** Options of {@link BridgeEventSource}. */
export interface BridgeEventSourceInit {
  /** The sidecar's name in the app's configuration. Can be left out while there is only one. */
  sidecar?: string;
  /** Headers to send with each request, such as `Authorization`, which the browser's own `EventSource` cannot. */
  headers?: HeadersInit;
}

/**
 * Server-Sent Events of a sidecar: the browser's `EventSource`, through the host.
 *
 * ```ts
 * const progress = new BridgeEventSource("/progress");
 * progress.addEventListener("step", ({ data }) => show(JSON.parse(data)));
 * ```
 *
 * It connects again when the stream ends or breaks, with the `Last-Event-ID` of the last event, until `close` is called,
 * the server answers `204`, or what it answers is no event stream. (HTML Standard, 9.2 "Server-sent events".)
 */
export class BridgeEventSource extends Target implements EventSource {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSED = 2;
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSED = 2;

  readonly url: string;
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

  get onopen(): EventSource["onopen"] {
    return this.#handlers.get("open");
  }

  set onopen(handler: EventSource["onopen"]) {
    this.#handlers.set("open", handler);
  }

  get onmessage(): EventSource["onmessage"] {
    return this.#handlers.get("message");
  }

  set onmessage(handler: EventSource["onmessage"]) {
    this.#handlers.set("message", handler);
  }

  get onerror(): EventSource["onerror"] {
    return this.#handlers.get("error");
  }

  set onerror(handler: EventSource["onerror"]) {
    this.#handlers.set("error", handler);
  }

  get readyState(): 0 | 1 | 2 {
    return this.#readyState;
  }

  /** Ends it for good. */
  close(): void {
    this.#readyState = 2;
    this.#closing.abort();
  }

  async #run(): Promise<void> {
    while (this.#readyState !== 2) {
      const response = await this.#connect();
      if (response !== null) {
        const type = response.headers.get("content-type") ?? "";
        if (response.status !== 200 || !/^text\/event-stream\s*(;|$)/i.test(type) || response.body === null) {
          response.body?.cancel().catch(() => {});
          this.#fail();
          return;
        }
        this.#readyState = 1;
        this.#tell("open", new Event("open"));
        await this.#listen(response.body).catch(() => {});
      }
      // A listener may have closed it.
      if (this.readyState === 2) return;
      this.#readyState = 0;
      this.#tell("error", new Event("error"));
      await new Promise((resolve) => setTimeout(resolve, this.#reconnectMs));
    }
  }

  /** The response; none when the network, so to speak, failed. */
  async #connect(): Promise<Response | null> {
    const headers = new Headers(this.#init.headers);
    headers.set("accept", "text/event-stream");
    if (this.#lastEventId !== "") headers.set("last-event-id", this.#lastEventId);
    const { sidecar } = this.#init;
    const { signal } = this.#closing;
    const init: FetchInit = { headers, signal, cache: "no-store", ...(sidecar !== undefined && { sidecar }) };
    try {
      return await fetch(new URL(this.url), init);
    } catch {
      return null;
    }
  }

  #fail(): void {
    this.#readyState = 2;
    this.#tell("error", new Event("error"));
  }

  async #listen(body: ReadableStream<Uint8Array>): Promise<void> {
    let data: string[] = [];
    let type = "";
    let id = this.#lastEventId;
    for await (const line of linesOf(body)) {
      if (line === "") {
        this.#lastEventId = id;
        if (data.length > 0) {
          const name = type || "message";
          const event = new MessageEvent(name, { data: data.join("\n"), lastEventId: id });
          this.#tell(name, event);
        }
        data = [];
        type = "";
        continue;
      }
      const [, field, value] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
      if (field === "data") data.push(value ?? "");
      else if (field === "event") type = value ?? "";
      else if (field === "id" && !value?.includes("\0")) id = value ?? "";
      else if (field === "retry" && /^\d+$/.test(value ?? "")) this.#reconnectMs = Number(value);
    }
  }

  #tell(name: string, event: Event): void {
    // Closed by a listener: the rest of what has come is for nobody.
    if (this.#readyState === 2 && name !== "error") return;
    this.dispatchEvent(event);
  }
}
