import { isIsolated } from "../wire/hints.js";
import { toMultipart } from "./multipart.js";

const PIECE_BYTES = 512 * 1024;
const ISOLATED_PIECE_BYTES = 64 * 1024;

/**
 * The most bytes that are sent to the host at once. The host's main thread takes each piece, and is busy meanwhile. In Tauri's
 * isolation pattern the page is, and takes less than half the time for the same bytes in small pieces.
 */
export function pieceBytes(): number {
  return isIsolated() ? ISOLATED_PIECE_BYTES : PIECE_BYTES;
}

/** The body of a request: the bytes if they are few, or a source of many. */
export type RequestBody = { kind: "bytes"; bytes: Uint8Array<ArrayBuffer> } | StreamedBody;

/** A body that is sent in pieces. */
export interface StreamedBody {
  kind: "stream";
  /** Starts again at the first piece. `return` of the iterator ends the reading, also during a `next`. */
  open: () => AsyncIterator<Uint8Array<ArrayBuffer>>;
  /** The number of bytes; null when nobody knows. */
  length: number | null;
  /** Whether `open` works only once. */
  once: boolean;
}

/** A body as the host takes it, with the content type that a browser would choose. */
export interface ExtractedBody {
  body: RequestBody;
  type: string | null;
}

/**
 * Makes bytes of any body (Fetch Standard, "extract a body"). The bytes are copied before the first `await`, so that
 * the caller may change the original. A `Blob` is read here: a `Blob` in an invoke crashes WebKitGTK.
 */
export async function extractBody(body: BodyInit): Promise<ExtractedBody> {
  if (typeof body === "string") return text(body, "text/plain;charset=UTF-8");
  if (body instanceof URLSearchParams) {
    return text(body.toString(), "application/x-www-form-urlencoded;charset=UTF-8");
  }
  if (body instanceof FormData) return blob(toMultipart(body));
  if (body instanceof Blob) return blob(body);
  if (body instanceof ReadableStream) {
    const reader = readerOf(body);
    return { body: { kind: "stream", open: () => piecesOf(reader), length: null, once: true }, type: null };
  }
  if (body instanceof ArrayBuffer) return { body: bytesBody(new Uint8Array(body.slice(0))), type: null };
  if (ArrayBuffer.isView(body)) {
    const view = new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
    return { body: bytesBody(view.slice()), type: null };
  }
  // A browser turns everything else into text.
  return text(String(body), "text/plain;charset=UTF-8");
}

/** The body that has these bytes: sent at once if they are few, in pieces otherwise. */
export function bytesBody(bytes: Uint8Array<ArrayBuffer>): RequestBody {
  if (bytes.length <= pieceBytes()) return { kind: "bytes", bytes };
  return bodyOfSlices(bytes.length, async (from, to) => bytes.subarray(from, to));
}

/** Throws a `TypeError` for a stream that is locked, or that somebody has read from. */
function readerOf(stream: ReadableStream): ReadableStreamDefaultReader {
  try {
    // A script cannot see whether a stream was read from; a `Response` is refused such a stream.
    new Response(stream);
    return stream.getReader();
  } catch (cause) {
    throw new TypeError("the stream that is the body is locked, or was read from; give a new one", { cause });
  }
}

function text(value: string, type: string): ExtractedBody {
  return { body: bytesBody(new TextEncoder().encode(value)), type };
}

async function blob(value: Blob): Promise<ExtractedBody> {
  const slice = async (from: number, to: number) => new Uint8Array(await value.slice(from, to).arrayBuffer());
  const type = value.type || null;
  if (value.size > pieceBytes()) return { body: bodyOfSlices(value.size, slice), type };
  return { body: { kind: "bytes", bytes: new Uint8Array(await value.arrayBuffer()) }, type };
}

function bodyOfSlices(
  length: number,
  slice: (from: number, to: number) => Promise<Uint8Array<ArrayBuffer>>,
): StreamedBody {
  async function* open() {
    const most = pieceBytes();
    for (let from = 0; from < length; from += most) yield await slice(from, from + most);
  }
  return { kind: "stream", open, length, once: false };
}

function piecesOf(reader: ReadableStreamDefaultReader): AsyncIterator<Uint8Array<ArrayBuffer>> {
  const most = pieceBytes();
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
      const piece = rest.subarray(0, most);
      rest = rest.subarray(most);
      return { done: false, value: piece };
    },
    async return(reason) {
      await reader.cancel(reason);
      return { done: true, value: undefined };
    },
  };
}
