import type { Problem, Status, UploadRequest } from "../wire/types.js";
import { Exchanges } from "./exchanges.js";
import type { Files } from "./files.js";
import { forPages, type Lifecycle } from "./lifecycle.js";
import { problem } from "./problem.js";
import type { Command, Sidecar } from "./sidecar.js";

const PREFIX = "plugin:sidecar-bridge|";

/** The dialogs in which a person chooses files, which the page may name then. */
const DIALOGS = ["plugin:dialog|open", "plugin:dialog|save"];

/** An argument that the host sends messages to. */
type Told<T> = { onmessage: (message: T) => void };

/**
 * Answers the commands of the plugin, with the sidecars of a test, and the commands that the test itself has written.
 */
export class Host {
  readonly sidecars = new Map<string, Sidecar>();
  readonly #exchanges = new Exchanges((name) => this.#find(name));

  /** Answers a command that the page invokes. Throws what the command rejects with. */
  invoke(command: string, args: unknown): unknown {
    const named = (args ?? {}) as Record<string, unknown>;
    for (const { commands } of this.sidecars.values()) {
      const own = commands[command];
      if (!own) continue;
      const answer = own(named) ?? null;
      return DIALOGS.includes(command) ? this.#choose(answer) : answer;
    }
    const isOurs = command.startsWith(PREFIX);
    const answer = isOurs ? this.#commands[command.slice(PREFIX.length)] : undefined;
    // Tauri rejects with these words.
    if (!answer) throw `Command ${command} not found`;
    // A Rust command without a result answers null.
    return answer(named) ?? null;
  }

  /** Ends the exchanges that a sidecar has begun, as the end of its process does. */
  endExchanges(sidecar: string, reason: Problem): void {
    this.#exchanges.endBegun(sidecar, reason);
  }

  /** The files of the test. */
  get files(): Files {
    return this.#exchanges.files;
  }

  /** Takes a sidecar away with all its exchanges, and tells whether it was there. The files go with the last one. */
  takeAway(sidecar: string, reason: Problem): boolean {
    this.#exchanges.endAll(sidecar, reason);
    const was = this.sidecars.delete(sidecar);
    if (this.sidecars.size === 0) this.files.clear();
    return was;
  }

  readonly #commands: Record<string, Command> = {
    status: ({ sidecar }) => forPages(this.#lifecycle(sidecar).status),
    next_status: ({ exchange, sidecar, revision }) =>
      this.#nextStatus(String(exchange), sidecar, Number(revision)),
    diagnose: ({ sidecar }) => this.#lifecycle(sidecar).status,
    logs: ({ sidecar }) => this.#lifecycle(sidecar).lines,
    start: ({ sidecar }) => this.#lifecycle(sidecar).start(),
    stop: ({ sidecar }) => this.#lifecycle(sidecar).stop(),
    restart: ({ sidecar }) => this.#lifecycle(sidecar).restart(),
    fetch: (frame) => this.#exchanges.fetch(bytesOf(frame)),
    write: (frame) => this.#exchanges.write(bytesOf(frame)),
    read: ({ exchange }) => this.#exchanges.read(String(exchange)),
    download: (frame) => this.#exchanges.download(bytesOf(frame)),
    save: ({ exchange, path, onProgress }) =>
      this.#exchanges.save(String(exchange), String(path), (onProgress as Told<number>).onmessage),
    upload: ({ form, onProgress }) =>
      this.#exchanges.upload(form as UploadRequest, (onProgress as Told<[number, number]>).onmessage),
    cookies: ({ sidecar }) => this.#exchanges.cookies(sidecar as string | null),
    // Nothing loads it: a page under test has no webview.
    media: ({ sidecar }) => `sidecar-media://bridge.localhost/${this.#lifecycle(sidecar).status.sidecar}`,
    cancel: ({ exchange }) => this.#exchanges.cancel(String(exchange)),
    connect: () => {
      throw problem("failed_precondition", "mockSidecar has no WebSockets; mock BridgeWebSocket itself");
    },
  };

  async #choose(answer: unknown): Promise<unknown> {
    const paths = await answer;
    this.files.choose(paths);
    return paths;
  }

  async #nextStatus(exchange: string, sidecar: unknown, revision: number): Promise<Status> {
    const lifecycle = this.#lifecycle(sidecar);
    const { status } = lifecycle;
    return forPages(await this.#exchanges.wait(exchange, status.sidecar, lifecycle.next(revision)));
  }

  #lifecycle(name: unknown): Lifecycle {
    return this.#find(name).lifecycle;
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
