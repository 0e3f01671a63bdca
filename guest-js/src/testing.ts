/**
 * A kit for tests of pages that use `tauri-plugin-sidecar-bridge-api`, in Vitest or Jest with jsdom or happy-dom: the
 * package runs as it is, and below it a sidecar stands in that the test writes.
 *
 * @packageDocumentation
 */

import { emit } from "@tauri-apps/api/event";
import type { Exit, OutputStream, Problem, State, Status } from "./bindings.js";
import { type Command, Host, type Sidecar } from "./mockhost.js";
import { Life, ready } from "./mocklife.js";
import { problem } from "./mockproblem.js";
import { type Handler, handlerOf, type Route } from "./mockroutes.js";
import { closeWindow, openWindow } from "./mockwindow.js";

export { type EventStream, eventStream } from "./mockevents.js";
export type { Command } from "./mockhost.js";
export { problem } from "./mockproblem.js";
export type { Handler, Route } from "./mockroutes.js";

/** Options of {@link mockSidecar}. */
export interface MockSidecarOptions {
  /** Answers by route, such as `"GET /api/users/{id}"`; what fits none is answered with 404, as by FastAPI. */
  routes?: Record<string, Route>;
  /** Answers all requests instead. MSW's go here: `(request) => getResponse(handlers, request)`. */
  handler?: Handler;
  /** What the sidecar does at first. Default: it is ready. */
  state?: State;
  /** Commands of the app and of other plugins, such as `"plugin:window|minimize"`. Others are not found, as in an app. */
  commands?: Record<string, Command>;
  /** The sidecar's name. Default: `python`. A second sidecar is a second call with another name. */
  name?: string;
  /** The label of the window that the page is in. Default: `main`. */
  label?: string;
}

/** The sidecar of a test. */
export interface MockSidecar {
  /** Its status as the page sees it. */
  readonly status: Status;
  /** Changes the status: all of it, a part, or the state alone. Requests wait while it starts, and go on when it serves. */
  setStatus: (change: Partial<Status> | State) => void;
  /**
   * Ends it as a process ends that falls over: requests on their way fail with `unavailable`, and not retryable, since they
   * may have been carried out; those that still wait, and later ones, wait for `recover`.
   */
  crash: (reason?: Problem, exit?: Exit) => void;
  /** Starts the next generation, which serves at once. */
  recover: () => void;
  /** Writes a line to its log. */
  log: (text: string, stream?: OutputStream) => void;
  /** Emits an event of the app or of the sidecar to the page. */
  emit: (event: string, payload?: unknown) => void;
  /** Takes it away. With the last one, the page is in a plain browser again. */
  close: () => void;
}

const host = new Host();

/**
 * Puts the page in a Tauri window with a sidecar that the test writes. All of the guest package works over it:
 * `fetch` with streams and aborts, `BridgeEventSource`, `status`, `onStatus`, `waitReady`, `logs`, `restart`; only
 * `BridgeWebSocket` is closed at once.
 *
 * ```ts
 * const sidecar = mockSidecar({
 *   routes: { "GET /api/users/{id}": (_, { id }) => Response.json({ id, name: "Ada" }) },
 * });
 * sidecar.crash();
 * afterEach(closeSidecars);
 * ```
 *
 * A handler that throws a {@link problem} makes `fetch` reject with a `BridgeError`, any other error does with the code
 * `internal`.
 */
export function mockSidecar(options: MockSidecarOptions = {}): MockSidecar {
  const { name = "python", label = "main", state = ready, commands = {} } = options;
  const life = new Life(name, state);
  const handler = options.handler ?? handlerOf(options.routes ?? {});
  const added: Sidecar = { life, handler, commands };
  remove(name);
  if (host.sidecars.size === 0) openWindow(label, (command, args) => host.invoke(command, args));
  host.sidecars.set(name, added);
  return {
    get status() {
      return life.status;
    },
    setStatus: (change) => life.change("phase" in change ? { state: change } : change),
    crash(reason = problem("unavailable", `sidecar \`${name}\` has ended`), exit = KILLED) {
      life.crash(reason, exit);
      host.breakOff(name, reason);
    },
    recover: () => life.recover(),
    log: (text, stream = "stderr") => life.log(text, stream),
    emit: (event, payload) => void emit(event, payload),
    close: () => {
      if (host.sidecars.get(name) === added) remove(name);
    },
  };
}

/** Takes all sidecars away: `afterEach(closeSidecars)`. */
export function closeSidecars(): void {
  for (const name of [...host.sidecars.keys()]) remove(name);
}

/** As by `kill -9`. */
const KILLED: Exit = { code: null, signal: 9, stderr: [] };

function remove(name: string): void {
  if (!host.takeAway(name, problem("cancelled", "the test is over"))) return;
  if (host.sidecars.size === 0) closeWindow();
}
