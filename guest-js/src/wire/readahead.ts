import type { Exchange, Piece } from "./exchange.js";

/** The pieces of an exchange in order, several of which may be asked for at once. */
export class ReadAhead {
  readonly #exchange: Pick<Exchange, "read">;
  readonly #ahead: number;
  /** What has come before its turn, by number. */
  readonly #early = new Map<number, Piece>();
  #asked = 0;
  #next = 0;
  /** Whether the last piece has come, or a failure: then there is nothing more to ask for. */
  #ends = false;
  #failure: { reason: unknown } | null = null;
  #wake: (() => void) | null = null;

  /** Asks for up to `ahead` pieces at once. */
  constructor(exchange: Pick<Exchange, "read">, ahead: number) {
    this.#exchange = exchange;
    this.#ahead = ahead;
  }

  /** Waits for the next piece; one wait at a time. Rejects with what broke the exchange off. */
  async next(): Promise<Piece> {
    for (;;) {
      const piece = this.#early.get(this.#next);
      if (piece) this.#early.delete(this.#next++);
      while (!this.#ends && this.#asked + this.#early.size < this.#ahead) this.#ask();
      if (piece) return piece;
      // An answer that is on its way may be the piece that is missing here.
      if (this.#failure && this.#asked === 0) throw this.#failure.reason;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #ask(): void {
    this.#asked++;
    this.#exchange
      .read()
      .then((piece) => {
        this.#early.set(piece.number, piece);
        this.#ends ||= piece.last;
      })
      // The first failure is the cause; later ones say that the exchange is over.
      .catch((reason: unknown) => {
        this.#ends = true;
        if (!this.#failure || isOver(this.#failure.reason)) this.#failure = { reason };
      })
      .finally(() => {
        this.#asked--;
        this.#wake?.();
      });
  }
}

function isOver(reason: unknown): boolean {
  return (reason as { code?: unknown } | null)?.code === "cancelled";
}
