/**
 * A message of a WebSocket between page and host. On the wire that is a frame:
 *
 *     kind, one byte | length of the payload, u32, big-endian | payload
 *
 * The payload is the text in UTF-8, or the bytes. That of a close is empty, or the code (u16, big-endian) and the
 * reason.
 */
export type Message =
  | { kind: "text"; text: string }
  | { kind: "bytes"; bytes: Uint8Array<ArrayBuffer> }
  | { kind: "blob"; blob: Blob }
  | { kind: "close"; code: number | null; reason: string };

/** The message that a page sends: bytes, which are copied at once, or the text of anything else. */
export function messageOf(data: unknown): Message {
  if (data instanceof Blob) return { kind: "blob", blob: data };
  if (data instanceof ArrayBuffer) return { kind: "bytes", bytes: new Uint8Array(data.slice(0)) };
  if (!ArrayBuffer.isView(data)) return { kind: "text", text: String(data) };
  return { kind: "bytes", bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice() };
}

/** How many bytes a message has. */
export function lengthOf(message: Message): number {
  if (message.kind === "text") return new TextEncoder().encode(message.text).length;
  if (message.kind === "blob") return message.blob.size;
  return message.kind === "bytes" ? message.bytes.length : 0;
}

const TEXT = 1;
const BINARY = 2;
const CLOSE = 3;
const HEAD_BYTES = 5;

/** The frames of messages, one after the other. */
export async function encodeMessages(messages: Message[]): Promise<Uint8Array<ArrayBuffer>> {
  const payloads = await Promise.all(messages.map(payloadOf));
  const length = payloads.reduce((sum, [, payload]) => sum + HEAD_BYTES + payload.length, 0);
  const frames = new Uint8Array(length);
  const view = new DataView(frames.buffer);
  let at = 0;
  for (const [kind, payload] of payloads) {
    view.setUint8(at, kind);
    view.setUint32(at + 1, payload.length);
    frames.set(payload, at + HEAD_BYTES);
    at += HEAD_BYTES + payload.length;
  }
  return frames;
}

async function payloadOf(message: Message): Promise<[number, Uint8Array]> {
  if (message.kind === "text") return [TEXT, new TextEncoder().encode(message.text)];
  if (message.kind === "bytes") return [BINARY, message.bytes];
  if (message.kind === "blob") return [BINARY, new Uint8Array(await message.blob.arrayBuffer())];
  if (message.code === null) return [CLOSE, new Uint8Array()];
  return [
    CLOSE,
    Uint8Array.of(message.code >> 8, message.code & 255, ...new TextEncoder().encode(message.reason)),
  ];
}

/** Puts the messages together whose frames come in pieces, wherever these are cut. */
export class MessageReader {
  /** The beginning of the next frame, in the pieces that came: bytes that grow would be copied with each of them. */
  #parts: Uint8Array<ArrayBuffer>[] = [];
  #length = 0;
  /** How many bytes there must be before there is anything more to read. */
  #needed = HEAD_BYTES;

  /** Takes the next piece, and gives the messages that are whole with it. */
  take(piece: Uint8Array<ArrayBuffer>): Message[] {
    this.#parts.push(piece);
    this.#length += piece.length;
    if (this.#length < this.#needed) return [];
    const all = this.#parts.length === 1 ? piece : concat(this.#parts, this.#length);
    const view = new DataView(all.buffer, all.byteOffset, all.byteLength);
    const messages: Message[] = [];
    let at = 0;
    for (;;) {
      this.#needed = HEAD_BYTES;
      if (all.length - at < HEAD_BYTES) break;
      this.#needed += view.getUint32(at + 1);
      if (all.length - at < this.#needed) break;
      messages.push(receivedOf(view.getUint8(at), all.subarray(at + HEAD_BYTES, at + this.#needed)));
      at += this.#needed;
    }
    this.#parts = at < all.length ? [all.slice(at)] : [];
    this.#length = all.length - at;
    return messages;
  }
}

function receivedOf(kind: number, payload: Uint8Array<ArrayBuffer>): Message {
  const text = () => new TextDecoder().decode(payload);
  if (kind === TEXT) return { kind: "text", text: text() };
  if (kind === BINARY) return { kind: "bytes", bytes: payload };
  if (kind !== CLOSE) {
    throw new TypeError(
      `the host sent a message of kind ${kind}; the npm package and the plugin must have the same version`,
    );
  }
  const [high, low, ...reason] = payload;
  if (high === undefined || low === undefined) return { kind: "close", code: null, reason: "" };
  return { kind: "close", code: high * 256 + low, reason: new TextDecoder().decode(Uint8Array.from(reason)) };
}

function concat(parts: Uint8Array<ArrayBuffer>[], length: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
