import { ownSocketUrl } from "../fetch/address.js";
import { pieceBytes } from "../fetch/body.js";
import { browserUrl } from "../fetch/browser.js";
import { pageHeaders } from "../fetch/headers.js";
import { Exchange } from "../wire/exchange.js";
import { ReadAhead } from "../wire/readahead.js";
import { inTauri } from "../wire/tauri.js";
import { failureEvent } from "./failure.js";
import { Handlers } from "./handlers.js";
import { encodeMessages, lengthOf, type Message, MessageReader, messageOf } from "./messages.js";

/** `EventTarget`, with the event types of `WebSocket`. */
const Target = EventTarget as new () => Pick<WebSocket, keyof EventTarget>;

/** Options of {@link BridgeWebSocket}. */
export interface BridgeWebSocketInit {
  /** The sidecar's name in the app's configuration. An app with a single sidecar needs no name. */
  sidecar?: string;
  /**
   * How long the opening waits for a sidecar that does not serve yet, in ms. Default: `waitMs` of the app's
   * configuration.
   */
  waitMs?: number;
}

// The close codes. Source: RFC 6455, 7.4.1.
const NORMAL = 1000;
const NO_STATUS = 1005;
const ABNORMAL = 1006;

/** Where the first copy of this package leaves the page's class for further copies, as `fetch` does with the page's `fetch`. */
const FIRST = Symbol.for("tauri-plugin-sidecar-bridge.WebSocket");

const shared = globalThis as { [FIRST]?: typeof WebSocket };
shared[FIRST] ??= globalThis.WebSocket;

/**
 * The class that the page had before this package was loaded. Never the one of the moment: that may be this package's, or one
 * around it, and would come back here.
 */
const First = shared[FIRST];

/**
 * A WebSocket to a sidecar, with the interface of the browser's `WebSocket`.
 *
 * ```ts
 * const chat = new BridgeWebSocket("/chat");
 * chat.onmessage = ({ data }) => show(data);
 * chat.onopen = () => chat.send("hello");
 * ```
 *
 * The socket opens when the sidecar serves, if the scope of the window's capability allows a GET of the path.
 * Messages come from the sidecar as fast as the page takes them. A socket that is refused or breaks off closes with
 * the code 1006, as in a browser; the `error` and `message` of its `error` event say why, and so does the console of a
 * refusal. Clients that take no class use the global one: `globalThis.WebSocket = BridgeWebSocket`, which opens sockets to
 * other hosts as before.
 *
 * In a plain browser the constructor returns the browser's own `WebSocket`, see {@link setBrowserBase}.
 *
 * Source: WebSockets Standard, WHATWG.
 */
export class BridgeWebSocket extends Target implements WebSocket {
  /** The values of {@link readyState}. */
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;

  /** The address, as a `ws:` URL of the page's own host. */
  readonly url: string;
  /** Always empty: the page speaks no extension. */
  readonly extensions = "";

  #binaryType: BinaryType = "blob";
  #readyState: 0 | 1 | 2 | 3 = 0;
  #protocol = "";
  #bufferedAmount = 0;
  #sending = false;
  readonly #exchange = new Exchange();
  readonly #handlers = new Handlers<WebSocket, WebSocketEventMap>(this);
  readonly #waiting: { message: Message; length: number }[] = [];

  /**
   * Begins to open at once.
   *
   * @param protocols The subprotocols that the page speaks, the best first.
   *
   * Throws a `TypeError` for an address that is not of the page's own origin, and a `SyntaxError` (`DOMException`)
   * for a subprotocol that is not a token, or is given twice.
   */
  constructor(url: string | URL, protocols: string | string[] = [], init: BridgeWebSocketInit = {}) {
    super();
    const wanted = typeof protocols === "string" ? [protocols] : protocols;
    // Nobody can see whether a class that became the global one later is around this one, so each counts as such.
    const mayBeGlobal = globalThis.WebSocket !== First;
    if (mayBeGlobal && isForeign(url)) {
      this.url = String(url);
      // biome-ignore lint/correctness/noConstructorReturn: other hosts are for the browser's own class
      return new First(this.url, wanted) as unknown as BridgeWebSocket;
    }
    if (!inTauri()) {
      this.url = browserSocketUrl(url, init.sidecar);
      // biome-ignore lint/correctness/noConstructorReturn: a page in a browser gets the browser's own class
      return new First(this.url, wanted) as unknown as BridgeWebSocket;
    }
    const own = ownSocketUrl(url);
    for (const protocol of wanted) {
      if (
        !/^[!#$%&'*+\-.^_`|~\w]+$/.test(protocol) ||
        wanted.indexOf(protocol) !== wanted.lastIndexOf(protocol)
      ) {
        throw new DOMException(`'${protocol}' is not a subprotocol, or is given twice`, "SyntaxError");
      }
    }
    this.url = `ws://${own.host}${own.pathname}${own.search}`;
    void this.#run(own.pathname + own.search, wanted, init);
  }

  /** Is called when the socket has opened. */
  get onopen(): WebSocket["onopen"] {
    return this.#handlers.get("open");
  }

  set onopen(handler: WebSocket["onopen"]) {
    this.#handlers.set("open", handler);
  }

  /** Is called for each message. */
  get onmessage(): WebSocket["onmessage"] {
    return this.#handlers.get("message");
  }

  set onmessage(handler: WebSocket["onmessage"]) {
    this.#handlers.set("message", handler);
  }

  /** Is called when the socket was refused or breaks off; `close` follows. */
  get onerror(): WebSocket["onerror"] {
    return this.#handlers.get("error");
  }

  set onerror(handler: WebSocket["onerror"]) {
    this.#handlers.set("error", handler);
  }

  /** Is called when the socket has closed. */
  get onclose(): WebSocket["onclose"] {
    return this.#handlers.get("close");
  }

  set onclose(handler: WebSocket["onclose"]) {
    this.#handlers.set("close", handler);
  }

  /** The form in which messages of bytes come: `blob` or `arraybuffer`. Other values change nothing. */
  get binaryType(): BinaryType {
    return this.#binaryType;
  }

  set binaryType(form: BinaryType) {
    if (form === "blob" || form === "arraybuffer") this.#binaryType = form;
  }

  /** Whether the socket connects (0), is open (1), closes (2) or is closed (3). */
  get readyState(): 0 | 1 | 2 | 3 {
    return this.#readyState;
  }

  /** The subprotocol that the sidecar chose; empty when there is none, and before the socket is open. */
  get protocol(): string {
    return this.#protocol;
  }

  /** The number of bytes that wait until the host takes them. */
  get bufferedAmount(): number {
    return this.#bufferedAmount;
  }

  /**
   * Sends a message. The bytes of a `BufferSource` are copied at once. What is no bytes is sent as its text.
   *
   * Throws an `InvalidStateError` (`DOMException`) before the socket is open. After {@link close} the message is
   * dropped.
   */
  send(...given: [data: string | BufferSource | Blob]): void {
    if ((given as unknown[]).length === 0) throw new TypeError("send was given no message");
    const [data] = given;
    if (this.#readyState === 0) {
      throw new DOMException("the WebSocket is not open yet; wait for `open`", "InvalidStateError");
    }
    const message = messageOf(data);
    const length = lengthOf(message);
    this.#bufferedAmount += length;
    if (this.#readyState === 1) this.#enqueue(message, length);
  }

  /**
   * Closes the socket after all messages that were sent before.
   *
   * @param code 1000, or 3000 to 4999. Default: none.
   * @param reason At most 123 bytes in UTF-8.
   *
   * Throws an `InvalidAccessError` (`DOMException`) for another code, and a `SyntaxError` for a longer reason.
   */
  close(code?: number, reason = ""): void {
    // As Web IDL reads a number: `"1000"` is one too, and a fraction is rounded.
    const wanted = code === undefined ? null : Math.round(Number(code));
    if (wanted !== null && wanted !== NORMAL && !(wanted >= 3000 && wanted <= 4999)) {
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
    else
      this.#enqueue({ kind: "close", code: wanted ?? (reason ? NORMAL : null), reason: String(reason) }, 0);
  }

  async #run(path: string, protocols: string[], { sidecar, waitMs }: BridgeWebSocketInit): Promise<void> {
    try {
      const headers = pageHeaders();
      const request = { path, protocols, headers, sidecar: sidecar ?? null, waitMs: waitMs ?? null };
      const { protocol } = await this.#exchange.connect(request);
      if (this.#readyState === 2) throw new Error("closed while it was opened");
      this.#protocol = protocol;
      this.#readyState = 1;
      this.dispatchEvent(new Event("open"));
      await this.#listen();
    } catch (reason) {
      if (this.#readyState === 0) console.error(`the WebSocket ${this.url} was refused:`, reason);
      this.#closed(ABNORMAL, "", failureEvent(reason));
    }
  }

  async #listen(): Promise<void> {
    const pieces = new ReadAhead(this.#exchange, 1);
    const { origin } = new URL(this.url);
    const reader = new MessageReader();
    for (;;) {
      const { bytes, last } = await pieces.next();
      for (const message of reader.take(bytes)) {
        if (message.kind === "close") {
          this.#closed(message.code ?? NO_STATUS, message.reason);
          return;
        }
        // Messages still count after a call of `close`, until the sidecar closes too.
        this.dispatchEvent(new MessageEvent("message", { data: this.#dataOf(message), origin }));
      }
      if (last) throw new Error("the stream has ended without a close");
    }
  }

  #dataOf(message: Exclude<Message, { kind: "close" }>): string | ArrayBuffer | Blob {
    if (message.kind === "text") return message.text;
    if (message.kind === "blob") return message.blob;
    return this.#binaryType === "arraybuffer" ? message.bytes.slice().buffer : new Blob([message.bytes]);
  }

  #enqueue(message: Message, length: number): void {
    this.#waiting.push({ message, length });
    if (!this.#sending) void this.#sendAll();
  }

  /** Writes the waiting messages, several in a piece or one in several, then those that have come meanwhile, in order. */
  async #sendAll(): Promise<void> {
    this.#sending = true;
    const most = pieceBytes();
    try {
      while (this.#waiting.length > 0) {
        let [count, total] = [0, 0];
        for (const { length } of this.#waiting) {
          total += length;
          if (count > 0 && total > most) break;
          count++;
        }
        const batch = this.#waiting.splice(0, count);
        const frames = await encodeMessages(batch.map(({ message }) => message));
        for (let from = 0; from < frames.length; from += most) {
          await this.#exchange.write(frames.subarray(from, from + most), false);
        }
        for (const { length } of batch) this.#bufferedAmount -= length;
      }
    } catch {
      // The reads fail with the same error, and close the socket.
    } finally {
      this.#sending = false;
    }
  }

  #closed(code: number, reason: string, failure: Event | null = null): void {
    this.#readyState = 3;
    this.#exchange.cancel();
    if (failure) this.dispatchEvent(failure);
    this.dispatchEvent(new CloseEvent("close", { code, reason, wasClean: failure === null }));
  }
}

/** Whether an address is one of another host. */
function isForeign(url: string | URL): boolean {
  try {
    ownSocketUrl(url);
    return false;
  } catch {
    return true;
  }
}

function browserSocketUrl(url: string | URL, sidecar: string | undefined): string {
  return browserUrl(url, sidecar).href.replace(/^http/, "ws");
}
