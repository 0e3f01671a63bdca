/**
 * Something that is followed while somebody looks at it, in the form that `useSyncExternalStore` takes. All who look share it.
 *
 * It ends a microtask after the last one has looked away: a component that is taken away and put back at once, as React's
 * StrictMode does and a change of the page's route may, finds the same view and begins nothing anew.
 */
export class Followed<View> {
  readonly #first: View;
  readonly #begin: (show: (view: View) => void) => () => void;
  readonly #listeners = new Set<() => void>();
  #view: View;
  #end: (() => void) | null = null;

  /**
   * @param first What is seen until something is shown, and again when nobody looks.
   * @param begin Begins to follow; returns the function that ends that.
   */
  constructor(first: View, begin: (show: (view: View) => void) => () => void) {
    this.#first = first;
    this.#view = first;
    this.#begin = begin;
  }

  /** Calls `listener` after each change; returns the function that ends that. */
  readonly subscribe = (listener: () => void): (() => void) => {
    // An entry of its own for each call, also of two with the same function.
    const told = () => listener();
    this.#listeners.add(told);
    this.#end ??= this.#follow();
    return () => {
      this.#listeners.delete(told);
      queueMicrotask(this.#endUnseen);
    };
  };

  /** What is seen now. */
  readonly view = (): View => this.#view;

  /** What is seen at first, which is also what a server would render. */
  readonly firstView = (): View => this.#first;

  #follow(): () => void {
    let over = false;
    const end = this.#begin((view) => {
      if (over) return;
      this.#view = view;
      for (const told of [...this.#listeners]) told();
    });
    return () => {
      over = true;
      end();
    };
  }

  readonly #endUnseen = (): void => {
    if (this.#listeners.size > 0 || this.#end === null) return;
    const end = this.#end;
    this.#end = null;
    this.#view = this.#first;
    end();
  };
}
