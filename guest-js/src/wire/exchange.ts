import { decodeFrame, encodeFrame, type Frame } from "./frame.js";
import { warnOfIsolation, warnOfText } from "./hints.js";
import { askHost } from "./host.js";
import { channel, invoke } from "./tauri.js";
import type {
  ConnectRequest,
  ConnectResponse,
  DownloadRequest,
  FetchRequest,
  FetchResponse,
  Status,
  UploadRequest,
  WriteRequest,
} from "./types.js";

/** Begins the names of this page's exchanges: the host may still have those of the page before. */
const page = Array.from(crypto.getRandomValues(new Uint32Array(2)), (n) => n.toString(36)).join("");
let count = 0;

/** A part of the bytes that an exchange receives. */
export interface Piece {
  /** Its place in the order of all pieces, from 0. */
  number: number;
  bytes: Uint8Array<ArrayBuffer>;
  /** Whether the piece is the last one. */
  last: boolean;
}

/**
 * One exchange with the host: a request to a sidecar with its answer, a WebSocket, or a wait for a status. `fetch` or `connect`
 * begins an exchange with a sidecar; then the page reads and writes pieces of bytes.
 */
export class Exchange {
  readonly #name = `${page}-${++count}`;

  /** Sends a request, and resolves with the head of the answer and the bytes of the body that the host has so far. */
  fetch(head: Omit<FetchRequest, "exchange">, body: Uint8Array<ArrayBuffer>): Promise<Frame<FetchResponse>> {
    return askHost(async () => {
      const frame = encodeFrame({ head: { ...head, exchange: this.#name }, body });
      return decodeFrame<FetchResponse>(replyBytes(await invoke("plugin:sidecar-bridge|fetch", frame)));
    });
  }

  /**
   * Sends a request whose answer goes to a file, which is `to` if that is known already. Resolves with the head of the answer;
   * {@link save} is for the rest.
   */
  download(
    head: Omit<FetchRequest, "exchange">,
    body: Uint8Array<ArrayBuffer>,
    to: string | null,
  ): Promise<Frame<FetchResponse>> {
    return askHost(async () => {
      const asked: DownloadRequest = { request: { ...head, exchange: this.#name }, to };
      const frame = encodeFrame({ head: asked, body });
      const answer = await invoke<FetchResponse>("plugin:sidecar-bridge|download", frame);
      return { head: answer, body: new Uint8Array() };
    });
  }

  /** Saves the answer to a download, and resolves with its number of bytes; `tell` hears of those that there are so far. */
  save(path: string, tell: (bytes: number) => void): Promise<number> {
    const asked = { exchange: this.#name, path, onProgress: channel(tell) };
    return askHost(() => invoke("plugin:sidecar-bridge|save", asked));
  }

  /**
   * Sends a form of fields and of files by their paths, and resolves as {@link fetch} does; `tell` hears how many bytes of how
   * many were sent.
   */
  upload(
    head: Omit<FetchRequest, "exchange">,
    { fields, files }: Pick<UploadRequest, "fields" | "files">,
    tell: (progress: [bytes: number, totalBytes: number]) => void,
  ): Promise<Frame<FetchResponse>> {
    return askHost(async () => {
      const form: UploadRequest = { request: { ...head, exchange: this.#name }, fields, files };
      const asked = { form, onProgress: channel(tell) };
      return decodeFrame<FetchResponse>(replyBytes(await invoke("plugin:sidecar-bridge|upload", asked)));
    });
  }

  /** Opens a WebSocket. */
  connect(request: Omit<ConnectRequest, "exchange">): Promise<ConnectResponse> {
    const named: ConnectRequest = { ...request, exchange: this.#name };
    return askHost(() => invoke("plugin:sidecar-bridge|connect", { request: named }));
  }

  /** Waits for the first status of a sidecar after the one of that revision. */
  nextStatus(sidecar: string, revision: number): Promise<Status> {
    const asked = { exchange: this.#name, sidecar, revision };
    return askHost(() => invoke<Status>("plugin:sidecar-bridge|next_status", asked));
  }

  /** Waits for a piece. Several calls at once may resolve out of order; {@link Piece.number} has the order. */
  read(): Promise<Piece> {
    return askHost(async () => {
      const reply = replyBytes(await invoke("plugin:sidecar-bridge|read", { exchange: this.#name }));
      const number = new DataView(reply.buffer, reply.byteOffset).getUint32(0);
      return { number, bytes: reply.subarray(5), last: reply[4] === 1 };
    });
  }

  /** Sends a piece, and resolves when the host has room for another one. */
  async write(body: Uint8Array<ArrayBuffer>, last: boolean): Promise<void> {
    const head: WriteRequest = { exchange: this.#name, last };
    warnOfIsolation(body.length);
    await askHost(() => invoke("plugin:sidecar-bridge|write", encodeFrame({ head, body })));
  }

  /** Ends the exchange. Calls that wait reject. */
  cancel(): void {
    // The caller does not wait for the outcome.
    askHost(() => invoke("plugin:sidecar-bridge|cancel", { exchange: this.#name })).catch(() => {});
  }
}

/** Lets the person choose where to save a file of that name. Resolves with its path; null when they choose none. */
export function askWhere(name: string): Promise<string | null> {
  // By its command: an app that saves nothing needs no package for dialogs.
  return askHost(() => invoke("plugin:dialog|save", { options: { defaultPath: name } }));
}

/** Gives the names and values of the cookies for a path that code of a page may read. */
export function readCookies(sidecar: string | null, path: string): Promise<[string, string][]> {
  return askHost(() => invoke("plugin:sidecar-bridge|cookies", { sidecar, path }));
}

/** Gives the URL before the paths of a sidecar, for elements of this page. */
export function askMedia(sidecar: string | null): Promise<string> {
  return askHost(() => invoke("plugin:sidecar-bridge|media", { sidecar }));
}

/** The bytes of a reply. Tauri sends an array of numbers when the content security policy forbids `ipc:`. */
function replyBytes(reply: unknown): Uint8Array<ArrayBuffer> {
  if (reply instanceof ArrayBuffer) return new Uint8Array(reply);
  if (Array.isArray(reply)) {
    warnOfText();
    return Uint8Array.from(reply);
  }
  throw new TypeError(
    "the host's reply is not bytes; the npm package and the plugin must have the same version",
  );
}
