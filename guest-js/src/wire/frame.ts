/**
 * A frame carries one HTTP message through one Tauri command, in both directions:
 *
 *     u32, big-endian: length of the head in bytes | head: JSON in UTF-8 | body: the rest
 *
 * Tauri sends the arguments of a command either as JSON or as bytes, and a request has both.
 */
export interface Frame<Head> {
  head: Head;
  body: Uint8Array<ArrayBuffer>;
}

const LENGTH_BYTES = 4;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Puts head and body together. */
export function encodeFrame<Head>({ head, body }: Frame<Head>): Uint8Array<ArrayBuffer> {
  const headBytes = encoder.encode(JSON.stringify(head));
  const frame = new Uint8Array(LENGTH_BYTES + headBytes.length + body.length);
  new DataView(frame.buffer).setUint32(0, headBytes.length);
  frame.set(headBytes, LENGTH_BYTES);
  frame.set(body, LENGTH_BYTES + headBytes.length);
  return frame;
}

/**
 * Takes a frame apart. `body` is a view of the frame, not a copy. Nothing checks that the JSON is a `Head`.
 *
 * Throws a `RangeError` for a frame that is cut short, and a `TypeError` or `SyntaxError` for a head that is not
 * UTF-8 or not JSON.
 */
export function decodeFrame<Head>(frame: Uint8Array<ArrayBuffer>): Frame<Head> {
  if (frame.length < LENGTH_BYTES) {
    throw new RangeError(
      `frame of ${frame.length} bytes is cut short: its length alone takes ${LENGTH_BYTES}`,
    );
  }
  const headLength = new DataView(frame.buffer, frame.byteOffset).getUint32(0);
  const bodyStart = LENGTH_BYTES + headLength;
  if (frame.length < bodyStart) {
    throw new RangeError(`frame of ${frame.length} bytes is cut short: its head ends at byte ${bodyStart}`);
  }
  const headText = decoder.decode(frame.subarray(LENGTH_BYTES, bodyStart));
  return { head: JSON.parse(headText) as Head, body: frame.subarray(bodyStart) };
}
