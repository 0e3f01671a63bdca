import { commands, events } from "@/bindings";
import { isDesktop } from "@/desktop/native";

/** Where the token of a session is kept while the page is open. */
export interface Tokens {
  read: () => Promise<string | null>;
  keep: (token: string) => Promise<void>;
  forget: () => Promise<void>;
  /** Calls back when somebody else, such as another window, may have changed it. */
  follow: (changed: () => void) => void;
}

export function tokens(): Tokens {
  return isDesktop() ? hostTokens : browserTokens;
}

/** In the memory of the host: no disk and no backup has it, and all windows share it. */
const hostTokens: Tokens = {
  read: commands.session,
  async keep(token) {
    await commands.rememberSession(token);
  },
  async forget() {
    await commands.forgetSession();
  },
  follow: (changed) => void events.sessionChanged.listen(changed),
};

const KEY = "ledger.session";

/** For development in a plain browser: gone with the tab. */
const browserTokens: Tokens = {
  read: async () => sessionStorage.getItem(KEY),
  keep: async (token) => sessionStorage.setItem(KEY, token),
  forget: async () => sessionStorage.removeItem(KEY),
  follow: () => {},
};
