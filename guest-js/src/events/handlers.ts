/** The value of an `on…` attribute. */
type Handler<This, E> = ((this: This, event: E) => unknown) | null;

/**
 * The `on…` attributes of an event target. An attribute keeps its place among the listeners from its first handler on;
 * another handler takes over that place.
 *
 * Source: HTML Standard, 8.1.8.1 "Event handlers".
 */
export class Handlers<This extends EventTarget, Events> {
  readonly #target: This;
  readonly #current: { [Name in keyof Events]?: Handler<This, Events[Name]> } = {};

  constructor(target: This) {
    this.#target = target;
  }

  /** The handler of an event; null when there is none. */
  get<Name extends keyof Events>(name: Name): Handler<This, Events[Name]> {
    return this.#current[name] ?? null;
  }

  /** Sets the handler of an event; null removes the handler, and so does what is no object. */
  set<Name extends keyof Events & string>(name: Name, given: Handler<This, Events[Name]>): void {
    const handler = typeof given === "function" || typeof given === "object" ? given : null;
    if (!(name in this.#current)) {
      if (handler === null) return;
      this.#target.addEventListener(name, (event) => {
        const current = this.#current[name];
        if (typeof current === "function") current.call(this.#target, event as Events[Name]);
      });
    }
    this.#current[name] = handler;
  }
}
