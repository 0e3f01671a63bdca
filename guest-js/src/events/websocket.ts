import { ownUrl } from "../fetch/address.js";
import { browserUrl } from "../fetch/browser.js";
import { Exchange } from "../wire/exchange.js";
import { ReadAhead } from "../wire/readahead.js";
import { inTauri } from "../wire/tauri.js";
import { Handlers } from "./handlers.js";
import { decodeMessages, encodeMessages, type Message } from "./messages.js";

/** An `EventTarget` that knows the types of a `WebSocket`'s events. */
const Target = EventTarget as new () => Pick<WebSocket, keyof EventTarget>;

/** Options of {@link BridgeWebSocket}. */
export interface BridgeWebSocketInit {
  /** The sidecar's name in the app's configuration. Can be left out while there is only one. */
  sidecar?: string;
  /** How long to wait for a sidecar that does not serve yet, in ms. Default: `waitMs` of the app's configuration. */
  waitMs?: number;
}

/** RFC 6455, 7.4.1. */
const NORMAL = 1000;
const NO_STATUS = 1005;
const ABNORMAL = 1006;

/**
 * A WebSocket to a sidecar: the browser's `WebSocket`, through the host.
 *
 * ```ts
 * const chat = new BridgeWebSocket("/chat");
 * chat.onmessage = ({ data }) => show(data);
 * chat.onopen = () => chat.send("hello");
 * ```
 *
 * It opens once the sidecar serves, if the scope of the window's capability allows a GET of the path. Messages of the
 * sidecar come as fast as the page takes them. One that was refused or has broken off closes with the code 1006, as in a
 * browser. (WebSockets Standard, WHATWG.)
 *
 * In a plain browser the constructor gives the browser's own `WebSocket`, see {@link setBrowserBase}.
 */
export class BridgeWebSocket extends Target implements WebSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;

  readonly url: string;
  readonly extensions = "";
  binaryType: BinaryType = "blob";

  #readyState: 0 | 1 | 2 | 3 = 0;
  #protocol = "";
  #bufferedAmount = 0;
  #sending = false;
  readonly #exchange = new Exchange();
  readonly #handlers = new Handlers<WebSocket, WebSocketEventMap>(this);
  readonly #waiting: Message[] = [];

  /**
   * Opens at once.
   *
   * Throws a `TypeError` for an address that is not of the page's own origin, and a `SyntaxError` (`DOMException`) for a
   * subprotocol that is no token, or there twice.
   */
  constructor(url: string | URL, protocols: string | string[] = [], init: BridgeWebSocketInit = {}) {
    super();
    const wanted = typeof protocols === "string" ? [protocols] : protocols;
    if (!inTauri()) {
      this.url = browserSocketUrl(url, init.sidecar);
      // biome-ignore lint/correctness/noConstructorReturn: the real thing is better than a copy of it
      return new WebSocket(this.url, wanted) as unknown as BridgeWebSocket;
    }
    const own = ownUrl(typeof url === "string" ? url : url.href.replace(/^ws/, "http"));
    for (const protocol of wanted) {
      if (
        !/^[!#$%&'*+\-.^_`|~\w]+$/.test(protocol) ||
        wanted.indexOf(protocol) !== wanted.lastIndexOf(protocol)
      ) {
        throw new DOMException(`'${protocol}' is not a subprotocol, or there twice`, "SyntaxError");
      }
    }
    this.url = `ws://${own.host}${own.pathname}${own.search}`;
    void this.#run(own.pathname + own.search, wanted, init);
  }

  get onopen(): WebSocket["onopen"] {
    return this.#handlers.get("open");
  }

  set onopen(handler: WebSocket["onopen"]) {
    this.#handlers.set("open", handler);
  }

  get onmessage(): WebSocket["onmessage"] {
    return this.#handlers.get("message");
  }

  set onmessage(handler: WebSocket["onmessage"]) {
    this.#handlers.set("message", handler);
  }

  get onerror(): WebSocket["onerror"] {
    return this.#handlers.get("error");
  }

  set onerror(handler: WebSocket["onerror"]) {
    this.#handlers.set("error", handler);
  }

  get onclose(): WebSocket["onclose"] {
    return this.#handlers.get("close");
  }

  set onclose(handler: WebSocket["onclose"]) {
    this.#handlers.set("close", handler);
  }

  get readyState(): 0 | 1 | 2 | 3 {
    return this.#readyState;
  }

  /** The subprotocol that the sidecar chose; empty until it is open, and for none. */
  get protocol(): string {
    return this.#protocol;
  }

  /** How many bytes of data wait until the host takes them. */
  get bufferedAmount(): number {
    return this.#bufferedAmount;
  }

  send(data: string | BufferSource | Blob): void {
    if (this.#readyState === 0) {
      throw new DOMException("the WebSocket is not open yet; wait for `open`", "InvalidStateError");
    }
    const message: Message =
      typeof data === "string"
        ? { kind: "text", text: data }
        : data instanceof Blob
          ? { kind: "blob", blob: data }
          : { kind: "bytes", bytes: copyOf(data) };
    this.#bufferedAmount += lengthOf(message);
    if (this.#readyState === 1) this.#enqueue(message);
  }

  close(code?: number, reason = ""): void {
    if (code !== undefined && code !== NORMAL && !(code >= 3000 && code <= 4999)) {
      throw new DOMException(
        `${code} is not a code that a page may close with; use 1000 or 3000 to 4999`,
        "InvalidAccessError",
      );
    }
    if (new TextEncoder().encode(reason).length > 123) {
      throw new DOMException("the reason is over 123 bytes", "SyntaxError");
    }
    if (this.#readyState >= 2) return;
    const opening = this.#readyState === 0;
    this.#readyState = 2;
    if (opening) this.#exchange.cancel();
    else this.#enqueue({ kind: "close", code: code ?? null, reason });
  }

  async #run(path: string, protocols: string[], { sidecar, waitMs }: BridgeWebSocketInit): Promise<void> {
    try {
      const request = { path, protocols, sidecar: sidecar ?? null, waitMs: waitMs ?? null };
      const { protocol } = await this.#exchange.connect(request);
      if (this.#readyState === 2) throw new Error("closed while it was opened");
      this.#protocol = protocol;
      this.#readyState = 1;
      this.dispatchEvent(new Event("open"));
      await this.#listen();
    } catch {
      this.dispatchEvent(new Event("error"));
      this.#closed(ABNORMAL, "", false);
    }
  }

  async #listen(): Promise<void> {
    const pieces = new ReadAhead(this.#exchange, 1);
    let rest = new Uint8Array();
    for (;;) {
      const { bytes, last } = await pieces.next();
      const { messages, rest: half } = decodeMessages(rest, bytes);
      rest = half;
      for (const message of messages) {
        if (message.kind === "close") {
          this.#closed(message.code ?? NO_STATUS, message.reason, true);
          return;
        }
        // What comes after `close` was called still counts until the sidecar has closed, too.
        this.dispatchEvent(new MessageEvent("message", { data: this.#dataOf(message) }));
      }
      if (last) throw new Error("the stream has ended without a close");
    }
  }

  #dataOf(message: Exclude<Message, { kind: "close" }>): string | ArrayBuffer | Blob {
    if (message.kind === "text") return message.text;
    if (message.kind === "blob") return message.blob;
    return this.binaryType === "arraybuffer" ? message.bytes.slice().buffer : new Blob([message.bytes]);
  }

  #enqueue(message: Message): void {
    this.#waiting.push(message);
    if (!this.#sending) void this.#sendAll();
  }

  /** One piece after the other, each with all that waits by then: so nothing is overtaken. */
  async #sendAll(): Promise<void> {
    this.#sending = true;
    try {
      while (this.#waiting.length > 0) {
        const messages = this.#waiting.splice(0);
        await this.#exchange.write(await encodeMessages(messages), false);
        for (const message of messages) this.#bufferedAmount -= lengthOf(message);
      }
    } catch {
      // The reading side learns of the same end, and tells.
    } finally {
      this.#sending = false;
    }
  }

  #closed(code: number, reason: string, wasClean: boolean): void {
    this.#readyState = 3;
    this.#exchange.cancel();
    this.dispatchEvent(new CloseEvent("close", { code, reason, wasClean }));
  }
}

function copyOf(data: BufferSource): Uint8Array<ArrayBuffer> {
  if (data instanceof ArrayBuffer) return new Uint8Array(data.slice(0));
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
}

function lengthOf(message: Message): number {
  if (message.kind === "text") return new TextEncoder().encode(message.text).length;
  if (message.kind === "blob") return message.blob.size;
  return message.kind === "bytes" ? message.bytes.length : 0;
}

function browserSocketUrl(url: string | URL, sidecar: string | undefined): string {
  return browserUrl(url, sidecar).href.replace(/^http/, "ws");
}
