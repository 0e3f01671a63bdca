import type { Problem } from "./bindings.js";
import { Exchanges } from "./mockexchanges.js";
import type { Life } from "./mocklife.js";
import { problem } from "./mockproblem.js";
import type { Handler } from "./mockroutes.js";

/** Answers one Tauri command; throws, or rejects with, what the command fails with. */
export type Command = (args: Record<string, unknown>) => unknown;

/** What the host knows of a sidecar. */
export interface Sidecar {
  life: Life;
  handler: Handler;
  /** Of the app and of other plugins. */
  commands: Record<string, Command>;
}

const PREFIX = "plugin:sidecar-bridge|";

/** The commands of the plugin, over sidecars that a test writes. */
export class Host {
  readonly sidecars = new Map<string, Sidecar>();
  readonly #exchanges = new Exchanges((name) => this.#find(name));

  /** Answers what the page invokes. */
  invoke(command: string, args: unknown): unknown {
    const named = (args ?? {}) as Record<string, unknown>;
    for (const { commands } of this.sidecars.values()) {
      const own = commands[command];
      if (own) return own(named) ?? null;
    }
    const isOurs = command.startsWith(PREFIX);
    const answer = isOurs ? this.#commands[command.slice(PREFIX.length)] : undefined;
    // Tauri's own words.
    if (!answer) throw `Command ${command} not found`;
    // One that has nothing to say answers null.
    return answer(named) ?? null;
  }

  /** Ends the exchanges that a sidecar has begun, as when its process is gone. */
  breakOff(sidecar: string, reason: Problem): void {
    this.#exchanges.breakOff(sidecar, reason);
  }

  /** Takes a sidecar away with all its exchanges, and tells whether it was there. */
  takeAway(sidecar: string, reason: Problem): boolean {
    this.#exchanges.takeAway(sidecar, reason);
    return this.sidecars.delete(sidecar);
  }

  readonly #commands: Record<string, Command> = {
    status: ({ sidecar }) => this.#life(sidecar).status,
    logs: ({ sidecar }) => this.#life(sidecar).lines,
    start: ({ sidecar }) => this.#life(sidecar).start(),
    stop: ({ sidecar }) => this.#life(sidecar).stop(),
    restart: ({ sidecar }) => this.#life(sidecar).restart(),
    fetch: (frame) => this.#exchanges.fetch(bytesOf(frame)),
    write: (frame) => this.#exchanges.write(bytesOf(frame)),
    read: ({ exchange }) => this.#exchanges.read(String(exchange)),
    cancel: ({ exchange }) => this.#exchanges.cancel(String(exchange)),
    connect: () => {
      throw problem("failed_precondition", "mockSidecar has no WebSockets; mock BridgeWebSocket itself");
    },
  };

  #life(name: unknown): Life {
    return this.#find(name).life;
  }

  #find(name: unknown): Sidecar {
    const names = [...this.sidecars.keys()];
    const only = names.length === 1 ? names[0] : undefined;
    const sidecar = this.sidecars.get(typeof name === "string" ? name : (only ?? ""));
    if (sidecar) return sidecar;
    const what = typeof name === "string" ? `\`${name}\`` : "that could be the only one";
    throw problem("not_found", `there is no sidecar ${what}; there is: ${names.join(", ")}`);
  }
}

function bytesOf(frame: unknown): Uint8Array<ArrayBuffer> {
  return frame as Uint8Array<ArrayBuffer>;
}
