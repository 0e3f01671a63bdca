import { type Tokens, tokens } from "@/session/tokens";

/** Who is logged in, as far as the page knows; the server has the last word. */
export interface SessionState {
  token: string | null;
  /** Whether a session has ended that nobody ended, so that the login page can say why it is there. */
  expired: boolean;
}

/** The session of this page. It starts empty: `load` it first. */
export class Session {
  readonly #tokens: Tokens;
  readonly #listeners = new Set<() => void>();
  #state: SessionState = { token: null, expired: false };

  constructor(kept: Tokens = tokens()) {
    this.#tokens = kept;
  }

  get state(): SessionState {
    return this.#state;
  }

  async load(): Promise<void> {
    this.#set({ token: await this.#tokens.read(), expired: false });
    this.#tokens.follow(() => void this.#reload());
  }

  async signIn(token: string): Promise<void> {
    await this.#tokens.keep(token);
    this.#set({ token, expired: false });
  }

  async signOut(): Promise<void> {
    this.#set({ token: null, expired: false });
    await this.#tokens.forget();
  }

  /** Ends the session that `token` was of; a newer one stays. */
  async expire(token: string): Promise<void> {
    if (this.#state.token !== token) return;
    this.#set({ token: null, expired: true });
    await this.#tokens.forget();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  async #reload(): Promise<void> {
    const token = await this.#tokens.read();
    // What this page did itself comes back as an event, too, and knows less.
    if (token !== this.#state.token) this.#set({ token, expired: false });
  }

  #set(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
