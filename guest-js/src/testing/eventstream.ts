/** Server-Sent Events that a test sends when it likes. */
export interface EventStream {
  /** What a route answers with. */
  response: Response;
  /** Sends one event; what is not a string goes as JSON. */
  send: (value: unknown) => void;
  /** Ends the stream as a server does that has no more to say. */
  end: () => void;
  /** Whether the page has given up reading. */
  readonly cancelled: boolean;
}

/**
 * A response of type `text/event-stream` whose events are sent by the test:
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
  const send = (value: unknown) => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    const lines = text.split("\n").map((line) => `data: ${line}\n`);
    controller.enqueue(new TextEncoder().encode(`${lines.join("")}\n`));
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
