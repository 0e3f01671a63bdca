import type { Exchange } from "../wire/exchange.js";
import { ReadAhead } from "../wire/readahead.js";

/** How many pieces are read at once: one can be on its way while the page takes another. */
const READS_AHEAD = 2;

/** The body of an answer. */
export interface ReceivedBody {
  body: ReadableStream<Uint8Array<ArrayBuffer>> | Uint8Array<ArrayBuffer>;
  /** Why the body broke off; null while it has not. */
  failure: () => { reason: unknown } | null;
}

/** A body that has come in whole. It breaks off too when the signal aborts before somebody reads it. */
export function wholeBody(bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal | null): ReceivedBody {
  // The stream of no bytes has no chunk, where that of an empty array would have one.
  const body = bytes.length > 0 ? bytes : new ReadableStream({ start: (controller) => controller.close() });
  return { body, failure: () => (signal?.aborted ? { reason: signal.reason } : null) };
}

/** A stream of the first bytes, then of the pieces that are read from the host. */
export function bodyInPieces(
  first: Uint8Array<ArrayBuffer>,
  exchange: Exchange,
  signal: AbortSignal | null,
): ReceivedBody {
  const ending: Ending = { exchange, ended: new AbortController(), failure: null };
  // No buffer in the stream: the pieces that are read ahead are the buffer, and the page's reading sets the pace.
  const body = new ReadableStream(new PieceSource(first, ending, signal), { highWaterMark: 0 });
  return { body, failure: () => ending.failure };
}

/** What stays of a body that the page has let go of. */
interface Ending {
  exchange: Exchange;
  ended: AbortController;
  failure: { reason: unknown } | null;
}

function giveUp({ exchange, ended }: Ending): void {
  ended.abort();
  exchange.cancel();
}

/**
 * Gives up the bodies that the page has let go of without reading them to their end. A stream holds its source for as long
 * as somebody can read it; the `ReadableStream` object itself may be collected before, in WebKit.
 */
const forgotten = new FinalizationRegistry<Ending>(giveUp);

class PieceSource implements UnderlyingDefaultSource<Uint8Array<ArrayBuffer>> {
  readonly #first: Uint8Array<ArrayBuffer>;
  readonly #ending: Ending;
  readonly #signal: AbortSignal | null;
  readonly #pieces: ReadAhead;
  #controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | null = null;

  constructor(first: Uint8Array<ArrayBuffer>, ending: Ending, signal: AbortSignal | null) {
    this.#first = first;
    this.#ending = ending;
    this.#signal = signal;
    this.#pieces = new ReadAhead(ending.exchange, READS_AHEAD);
  }

  start(controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): void {
    this.#controller = controller;
    if (this.#first.length > 0) controller.enqueue(this.#first);
    forgotten.register(this, this.#ending, this.#ending);
    if (this.#signal) endOnAbort(new WeakRef(this), this.#ending, this.#signal);
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): Promise<void> {
    const { ended } = this.#ending;
    try {
      const { bytes, last } = await this.#pieces.next();
      if (ended.signal.aborted) return;
      if (bytes.length > 0) controller.enqueue(bytes);
      if (!last) return;
      this.#end();
      controller.close();
    } catch (reason) {
      if (ended.signal.aborted) return;
      this.#end();
      this.#ending.failure = { reason };
      controller.error(reason);
    }
  }

  cancel(): void {
    this.#end();
    this.#ending.exchange.cancel();
  }

  /** Breaks the body off. */
  fail(reason: unknown): void {
    this.#controller?.error(reason);
  }

  #end(): void {
    this.#ending.ended.abort();
    forgotten.unregister(this.#ending);
  }
}

/** Ends a body with its signal, which may outlive the body and must not keep it from being collected. */
function endOnAbort(source: WeakRef<PieceSource>, ending: Ending, signal: AbortSignal): void {
  const aborted = () => {
    giveUp(ending);
    ending.failure = { reason: signal.reason };
    source.deref()?.fail(signal.reason);
  };
  signal.addEventListener("abort", aborted, { once: true, signal: ending.ended.signal });
}
