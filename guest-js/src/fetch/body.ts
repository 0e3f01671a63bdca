import { toMultipart } from "./multipart.js";

/** How much goes to the host at once: larger pieces hold up its main thread for longer. */
const PIECE_BYTES = 512 * 1024;

/** What a request carries: a few bytes, or where many come from. */
export type RequestBody = { kind: "bytes"; bytes: Uint8Array<ArrayBuffer> } | StreamedBody;

/** Bytes that are sent a piece at a time. */
export interface StreamedBody {
  kind: "pieces";
  /** Begins at the first piece. `return` gives up, also while a piece is waited for. */
  open: () => AsyncIterator<Uint8Array<ArrayBuffer>>;
  /** How many bytes there are, if that is known. */
  length: number | null;
  /** Whether they come only once. */
  once: boolean;
}

/** A body as the host takes it, with the content type that a browser would choose. */
export interface Extracted {
  body: RequestBody;
  type: string | null;
}

/**
 * Makes bytes of any body, by the Fetch Standard's "extract a body". Bytes are copied here and now, so that the caller
 * may change them afterwards. A `Blob` is read, for one that is sent to the host crashes WebKitGTK.
 */
export async function extractBody(body: BodyInit): Promise<Extracted> {
  if (typeof body === "string") return text(body, "text/plain;charset=UTF-8");
  if (body instanceof URLSearchParams) {
    return text(body.toString(), "application/x-www-form-urlencoded;charset=UTF-8");
  }
  if (body instanceof FormData) return blob(toMultipart(body));
  if (body instanceof Blob) return blob(body);
  if (body instanceof ReadableStream) {
    const reader = body.getReader();
    return { body: { kind: "pieces", open: () => piecesOf(reader), length: null, once: true }, type: null };
  }
  if (body instanceof ArrayBuffer) return { body: whole(new Uint8Array(body.slice(0))), type: null };
  if (ArrayBuffer.isView(body)) {
    const view = new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
    return { body: whole(view.slice()), type: null };
  }
  // What is none of these, a browser turns into text.
  return text(String(body), "text/plain;charset=UTF-8");
}

/** Bytes that are there: in one piece if they are few. */
export function whole(bytes: Uint8Array<ArrayBuffer>): RequestBody {
  if (bytes.length <= PIECE_BYTES) return { kind: "bytes", bytes };
  return slices(bytes.length, async (from, to) => bytes.subarray(from, to));
}

function text(value: string, type: string): Extracted {
  return { body: whole(new TextEncoder().encode(value)), type };
}

async function blob(value: Blob): Promise<Extracted> {
  const slice = async (from: number, to: number) => new Uint8Array(await value.slice(from, to).arrayBuffer());
  const type = value.type || null;
  if (value.size > PIECE_BYTES) return { body: slices(value.size, slice), type };
  return { body: { kind: "bytes", bytes: new Uint8Array(await value.arrayBuffer()) }, type };
}

function slices(
  length: number,
  slice: (from: number, to: number) => Promise<Uint8Array<ArrayBuffer>>,
): StreamedBody {
  async function* open() {
    for (let from = 0; from < length; from += PIECE_BYTES) yield await slice(from, from + PIECE_BYTES);
  }
  return { kind: "pieces", open, length, once: false };
}

function piecesOf(reader: ReadableStreamDefaultReader): AsyncIterator<Uint8Array<ArrayBuffer>> {
  let rest = new Uint8Array();
  return {
    async next() {
      while (rest.length === 0) {
        const { done, value } = await reader.read();
        if (done) return { done, value: undefined };
        if (!(value instanceof Uint8Array)) {
          const error = new TypeError(`a body stream gave ${typeof value}; make it give Uint8Array chunks`);
          reader.cancel(error).catch(() => {});
          throw error;
        }
        rest = value.slice();
      }
      const piece = rest.subarray(0, PIECE_BYTES);
      rest = rest.subarray(PIECE_BYTES);
      return { done: false, value: piece };
    },
    async return() {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
}
