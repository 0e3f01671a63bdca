/**
 * A kit for tests of pages that use `tauri-plugin-sidecar-bridge-api`, in Vitest or Jest with jsdom or happy-dom. The
 * package runs unchanged; the kit answers what the package asks the host, with a sidecar that the test writes.
 *
 * @packageDocumentation
 */

import { emit } from "@tauri-apps/api/event";
import type { Exit, OutputStream, Problem, State, Status } from "../wire/types.js";
import { Host } from "./host.js";
import { forPages, Lifecycle, ready } from "./lifecycle.js";
import { problem } from "./problem.js";
import { type Handler, handlerOf, type Route } from "./routes.js";
import type { Command, Sidecar } from "./sidecar.js";
import { closeWindow, openWindow } from "./window.js";

export { type EventStream, eventStream } from "./eventstream.js";
export { problem } from "./problem.js";
export type { Handler, Route } from "./routes.js";
export type { Command } from "./sidecar.js";

/** Options of {@link mockSidecar}. */
export interface MockSidecarOptions {
  /** The answers by route, such as `"GET /api/users/{id}"`. A request for no route gets 404, as from FastAPI. */
  routes?: Record<string, Route>;
  /** Answers all requests, in place of `routes`. With MSW: `(request) => getResponse(handlers, request)`. */
  handler?: Handler;
  /** The first state of the sidecar. Default: `ready`. */
  state?: State;
  /** The commands of the app and of other plugins, such as `"plugin:window|minimize"`. Other commands are not found. */
  commands?: Record<string, Command>;
  /** Files of the machine that the page may name, by their paths. What a `plugin:dialog|open` or `…|save` gives, it may name too. */
  files?: Record<string, string | Uint8Array>;
  /** The name of the sidecar. Default: `python`. A call with another name adds a second sidecar. */
  name?: string;
  /** The label of the window in which the page is. Default: `main`. */
  label?: string;
}

/** The sidecar of a test. */
export interface MockSidecar {
  /** The status of the sidecar, as the page sees it; `diagnose` in the page also gives the details. */
  readonly status: Status;
  /**
   * Changes fields of the status, or the state alone. Requests wait while the sidecar starts, and go on when it
   * serves. `onStatus` in the page tells of each change a moment later.
   */
  setStatus: (change: Partial<Status> | State) => void;
  /**
   * Ends the sidecar like a process that crashes. Requests on their way fail with `reason`, which is not retryable, because
   * they may have been carried out. Requests that still wait, and later ones, wait for `recover`.
   * Default: `unavailable`, and the signal 9.
   */
  crash: (reason?: Problem, exit?: Exit) => void;
  /** Starts the next generation, which serves at once. */
  recover: () => void;
  /** The files of all sidecars, with those that `download` has saved, by their paths. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Writes a line to the log of the sidecar. Default: to `stderr`. */
  log: (text: string, stream?: OutputStream) => void;
  /** Emits a Tauri event to the page, as the app or the sidecar would. */
  emit: (event: string, payload?: unknown) => void;
  /** Removes the sidecar. Without any sidecar, the page is in a plain browser again. */
  close: () => void;
}

const host = new Host();

/**
 * Puts the page in a Tauri window with a sidecar that the test writes. The whole guest package works there: `fetch`
 * with streams and aborts, `download`, `upload`, `BridgeEventSource`, `status`, `onStatus`, `waitReady`, `diagnose`, `logs`, `restart`. The one
 * exception is `BridgeWebSocket`, which closes at once.
 *
 * ```ts
 * const sidecar = mockSidecar({
 *   routes: { "GET /api/users/{id}": (_, { id }) => Response.json({ id, name: "Ada" }) },
 * });
 * sidecar.crash();
 * afterEach(closeSidecars);
 * ```
 *
 * `fetch` rejects with a `BridgeError` when a handler throws: with the {@link problem} that was thrown, or with the
 * code `internal` for any other error.
 */
export function mockSidecar(options: MockSidecarOptions = {}): MockSidecar {
  const { name = "python", label = "main", state = ready, commands = {} } = options;
  const lifecycle = new Lifecycle(name, state);
  const handler = options.handler ?? handlerOf(options.routes ?? {});
  const added: Sidecar = { lifecycle, handler, commands };
  remove(name);
  if (host.sidecars.size === 0) openWindow(label, (command, args) => host.invoke(command, args));
  host.sidecars.set(name, added);
  for (const [path, content] of Object.entries(options.files ?? {})) host.files.add(path, content);
  return {
    files: host.files.contents,
    get status() {
      return forPages(lifecycle.status);
    },
    setStatus: (change) => lifecycle.change("phase" in change ? { state: change } : change),
    crash(reason = problem("unavailable", `sidecar \`${name}\` has ended`), exit = KILLED) {
      lifecycle.crash(reason, exit);
      host.endExchanges(name, reason);
    },
    recover: () => lifecycle.recover(),
    log: (text, stream = "stderr") => lifecycle.log(text, stream),
    emit: (event, payload) => void emit(event, payload),
    close: () => {
      if (host.sidecars.get(name) === added) remove(name);
    },
  };
}

/** Removes all sidecars: `afterEach(closeSidecars)`. */
export function closeSidecars(): void {
  for (const name of [...host.sidecars.keys()]) remove(name);
}

/** The end of a process after `kill -9`. */
const KILLED: Exit = { code: null, signal: 9, stderr: [] };

function remove(name: string): void {
  if (!host.takeAway(name, problem("cancelled", "the test is over"))) return;
  if (host.sidecars.size === 0) closeWindow();
}
