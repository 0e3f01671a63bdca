import type { Exchange, Piece } from "./exchange.js";

/** Reads the pieces of an exchange in order, several of them at once. */
export class ReadAhead {
  readonly #exchange: Pick<Exchange, "read">;
  readonly #ahead: number;
  /** The pieces that have come before their turn, by number. */
  readonly #waiting = new Map<number, Piece>();
  /** How many reads are on their way. */
  #reads = 0;
  /** The number of the piece whose turn is next. */
  #next = 0;
  /** Whether the last piece has come, or a read has failed: there is nothing more to read. */
  #ended = false;
  #failure: { reason: unknown } | null = null;
  /** Lets {@link next} look again. */
  #wake: (() => void) | null = null;

  /** Reads up to `ahead` pieces at once. */
  constructor(exchange: Pick<Exchange, "read">, ahead: number) {
    this.#exchange = exchange;
    this.#ahead = ahead;
  }

  /** Waits for the next piece, one call at a time. Rejects with the error that ended the exchange. */
  async next(): Promise<Piece> {
    for (;;) {
      const piece = this.#waiting.get(this.#next);
      if (piece) this.#waiting.delete(this.#next++);
      while (!this.#ended && this.#reads + this.#waiting.size < this.#ahead) this.#read();
      if (piece) return piece;
      // A read that is still on its way may bring the missing piece.
      if (this.#failure && this.#reads === 0) throw this.#failure.reason;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #read(): void {
    this.#reads++;
    this.#exchange
      .read()
      .then((piece) => {
        this.#waiting.set(piece.number, piece);
        this.#ended ||= piece.last;
      })
      // One read fails with the cause, in any order; the others fail because the exchange is over.
      .catch((reason: unknown) => {
        this.#ended = true;
        if (!this.#failure || isOver(this.#failure.reason)) this.#failure = { reason };
      })
      .finally(() => {
        this.#reads--;
        this.#wake?.();
      });
  }
}

function isOver(reason: unknown): boolean {
  return (reason as { code?: unknown } | null)?.code === "cancelled";
}
