import { invoke } from "@tauri-apps/api/core";
import { decodeFrame, encodeFrame, type Frame } from "./frame.js";
import { askHost } from "./host.js";
import type { ConnectRequest, ConnectResponse, FetchRequest, FetchResponse, WriteRequest } from "./types.js";

/** Names of exchanges must differ from those of the page before, which the host may not have forgotten yet. */
const page = Array.from(crypto.getRandomValues(new Uint32Array(2)), (n) => n.toString(36)).join("");
let count = 0;

/** Some bytes of an exchange. */
export interface Piece {
  /** Which one it is, from 0. */
  number: number;
  bytes: Uint8Array<ArrayBuffer>;
  /** Whether it is the last one. */
  last: boolean;
}

/**
 * One exchange with a sidecar, as the host has it: it begins with a request or a WebSocket, then both sides read and
 * write pieces of bytes until one of them has sent its last.
 */
export class Exchange {
  readonly #name = `${page}-${++count}`;

  /** Sends a request, and gives the answer's head with as much of the body as is there. */
  fetch(head: Omit<FetchRequest, "exchange">, body: Uint8Array<ArrayBuffer>): Promise<Frame<FetchResponse>> {
    return askHost(async () => {
      const frame = encodeFrame({ head: { ...head, exchange: this.#name }, body });
      return decodeFrame<FetchResponse>(replyBytes(await invoke("plugin:sidecar-bridge|fetch", frame)));
    });
  }

  /** Opens a WebSocket. */
  connect(request: Omit<ConnectRequest, "exchange">): Promise<ConnectResponse> {
    const named: ConnectRequest = { ...request, exchange: this.#name };
    return askHost(() => invoke("plugin:sidecar-bridge|connect", { request: named }));
  }

  /** Waits for a piece. Whoever reads several at once has to put them in order. */
  read(): Promise<Piece> {
    return askHost(async () => {
      const reply = replyBytes(await invoke("plugin:sidecar-bridge|read", { exchange: this.#name }));
      const number = new DataView(reply.buffer, reply.byteOffset).getUint32(0);
      return { number, bytes: reply.subarray(5), last: reply[4] === 1 };
    });
  }

  /** Sends a piece; resolves once the host has room for another one. */
  async write(body: Uint8Array<ArrayBuffer>, last: boolean): Promise<void> {
    const head: WriteRequest = { exchange: this.#name, last };
    await askHost(() => invoke("plugin:sidecar-bridge|write", encodeFrame({ head, body })));
  }

  /** Ends it; what waits in it fails. */
  cancel(): void {
    // Nobody is left who could be told of a failure.
    askHost(() => invoke("plugin:sidecar-bridge|cancel", { exchange: this.#name })).catch(() => {});
  }
}

/** Bytes come as an array of numbers where a content security policy keeps the page from `ipc:`. */
function replyBytes(reply: unknown): Uint8Array<ArrayBuffer> {
  if (reply instanceof ArrayBuffer) return new Uint8Array(reply);
  if (Array.isArray(reply)) return Uint8Array.from(reply);
  throw new TypeError(
    "the host's reply is not bytes; the npm package and the plugin must have the same version",
  );
}
