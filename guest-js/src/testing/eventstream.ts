/** A stream of Server-Sent Events that a test sends. */
export interface EventStream {
  /** The response with the stream, for a route to return. */
  response: Response;
  /** Sends an event, with a name if one is given. A value that is not a string is sent as JSON. */
  send: (value: unknown, type?: string) => void;
  /** Ends the stream. A `BridgeEventSource` connects again then. */
  end: () => void;
  /** Whether the page has stopped reading. */
  readonly cancelled: boolean;
}

/**
 * Makes a response of the type `text/event-stream`, whose events the test sends:
 *
 * ```ts
 * const progress = eventStream();
 * mockSidecar({ routes: { "GET /progress": () => progress.response } });
 * progress.send({ done: 1, total: 3 });
 * progress.end();
 * ```
 */
export function eventStream(): EventStream {
  let cancelled = false;
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
    },
    cancel() {
      cancelled = true;
    },
  });
  const send = (value: unknown, type?: string) => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    const lines = text.split("\n").map((line) => `data: ${line}\n`);
    const name = type === undefined ? "" : `event: ${type}\n`;
    controller.enqueue(new TextEncoder().encode(`${name}${lines.join("")}\n`));
  };
  return {
    response: new Response(body, { headers: { "content-type": "text/event-stream" } }),
    send,
    end: () => controller.close(),
    get cancelled() {
      return cancelled;
    },
  };
}
