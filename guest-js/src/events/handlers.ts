/** The `on…` attribute for an event. */
type Handler<This, E> = ((this: This, event: E) => unknown) | null;

/**
 * The `on…` attributes of an event target. As in the HTML Standard, a handler takes its turn among the listeners by when
 * one was first set, and another one takes its place.
 */
export class Handlers<This extends EventTarget, Events> {
  readonly #target: This;
  readonly #current: { [Name in keyof Events]?: Handler<This, Events[Name]> } = {};

  constructor(target: This) {
    this.#target = target;
  }

  get<Name extends keyof Events>(name: Name): Handler<This, Events[Name]> {
    return this.#current[name] ?? null;
  }

  set<Name extends keyof Events & string>(name: Name, handler: Handler<This, Events[Name]>): void {
    if (!(name in this.#current)) {
      if (handler === null) return;
      this.#target.addEventListener(name, (event) => {
        this.#current[name]?.call(this.#target, event as Events[Name]);
      });
    }
    this.#current[name] = handler;
  }
}
