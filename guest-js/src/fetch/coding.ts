import type { ReceivedBody } from "./received.js";

/** What a request says of the codings that {@link decoded} undoes. */
export const ACCEPT_ENCODING = "gzip, deflate";

const CODINGS = ["gzip", "x-gzip", "deflate"];

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Undoes the codings of a body, as a browser does. A body in a coding that `DecompressionStream` does not know in every
 * webview breaks off, for its bytes are not what the page asked for.
 */
export function decoded(received: ReceivedBody, headers: [name: string, value: string][]): ReceivedBody {
  const named = headers
    .filter(([name]) => name === "content-encoding")
    .flatMap(([, value]) => value.split(","));
  const codings = named
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "" && name !== "identity");
  if (codings.length === 0) return received;
  let body = new Response(received.body).body as ReadableStream<Bytes>;
  const unknown = codings.find((name) => !CODINGS.includes(name));
  if (unknown !== undefined) {
    body.cancel().catch(() => {});
    const reason = new TypeError(
      `a body in the coding \`${unknown}\` cannot be read; answer in one that Accept-Encoding names: ${ACCEPT_ENCODING}`,
    );
    const broken = new ReadableStream<Bytes>({ start: (controller) => controller.error(reason) });
    return { body: broken, failure: () => ({ reason }) };
  }
  for (const coding of codings.reverse()) body = decompressed(body, coding);
  return { body, failure: received.failure };
}

/** Undoes one coding. Nothing stays nothing, though it is no valid gzip. */
function decompressed(body: ReadableStream<Bytes>, coding: string): ReadableStream<Bytes> {
  const compressed = body.getReader();
  let plain: ReadableStreamDefaultReader<Bytes> | null = null;
  const source: UnderlyingDefaultSource<Bytes> = {
    async pull(controller) {
      if (plain === null) {
        const first = await compressed.read();
        if (first.done) return controller.close();
        if (first.value.length === 0) return source.pull?.(controller);
        plain = continued(first.value, compressed)
          .pipeThrough(new DecompressionStream(formatOf(coding, first.value)))
          .getReader();
      }
      const { done, value } = await plain.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => (plain ?? compressed).cancel(reason),
  };
  return new ReadableStream(source, { highWaterMark: 0 });
}

/** The stream of a reader from which the first chunk was read. */
function continued(first: Bytes, reader: ReadableStreamDefaultReader<Bytes>): ReadableStream<Bytes> {
  return new ReadableStream(
    {
      start: (controller) => controller.enqueue(first),
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/** By `deflate` some servers mean the bare algorithm, and browsers take both (RFC 9110, section 8.4.1.2). */
function formatOf(coding: string, [first = 0, second]: Bytes): CompressionFormat {
  if (coding !== "deflate") return "gzip";
  const isZlib = (first & 15) === 8 && (second === undefined || (first * 256 + second) % 31 === 0);
  return isZlib ? "deflate" : "deflate-raw";
}
