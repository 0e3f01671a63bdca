import { unlessAborted } from "../wire/abort.js";
import { commands, events } from "../wire/commands.js";
import { askHost } from "../wire/host.js";
import type { Status } from "../wire/types.js";

/**
 * Resolves with the current status of a sidecar: which generation of the sidecar's process this is, and the state of
 * that generation.
 *
 * @param sidecar The sidecar's name in the app's configuration. An app with a single sidecar needs no name.
 *
 * Rejects with a {@link BridgeError}: `not_found` for an unknown sidecar, `permission_denied` when no capability of
 * the window grants `sidecar-bridge:allow-status`.
 */
export function status(sidecar?: string): Promise<Status> {
  return askHost(() => commands.status(sidecar ?? null));
}

/**
 * Ends a subscription.
 *
 * The type of that name in `@tauri-apps/api/event`, written out: the declarations of that package do not compile in
 * every app that checks its libraries.
 */
export type UnlistenFn = () => void;

/** Options of {@link onStatus}. */
export interface OnStatusOptions {
  /** The sidecar's name in the app's configuration. An app with a single sidecar needs no name. */
  sidecar?: string;
  /** An abort ends the subscription. */
  signal?: AbortSignal;
}

/**
 * Subscribes to the status of a sidecar: calls `callback` with the current status, then with each change.
 *
 * ```ts
 * const stop = await onStatus(({ state }) => render(state.phase));
 * ```
 *
 * No change is lost between the two, and the changes come in order. A status that another one follows at once may be
 * left out.
 *
 * Resolves after the first call, with a function that ends the subscription. An abort of `signal` ends the
 * subscription too; before the first call, the promise rejects with the signal's reason.
 *
 * Needs the permissions `sidecar-bridge:allow-status` and `core:event:allow-listen`. Rejects with a
 * {@link BridgeError} like {@link status}, and with the error that `callback` throws in the first call; that error
 * ends the subscription.
 */
export async function onStatus(
  callback: (status: Status) => void,
  options: OnStatusOptions = {},
): Promise<UnlistenFn> {
  const { sidecar, signal } = options;
  signal?.throwIfAborted();

  let stopped = false;
  // The name of the sidecar. The host says it with the current status, also when the page named none.
  let name: string | undefined;
  let last: Status | undefined;
  const early: Status[] = [];
  const report = (next: Status) => {
    if (stopped) return;
    if (name === undefined) {
      early.push(next);
    } else if (next.sidecar === name && isNewer(next, last)) {
      last = next;
      callback(next);
    }
  };

  const unlisten = await askHost(() => events.statusChanged.listen(({ payload }) => report(payload)));
  const stop = () => {
    if (stopped) return;
    stopped = true;
    signal?.removeEventListener("abort", stop);
    unlisten();
  };
  signal?.addEventListener("abort", stop, { once: true });

  try {
    const current = await unlessAborted(status(sidecar), signal);
    name = current.sidecar;
    // `current` may be older than the changes that have come meanwhile. If it is newer, its own event still follows.
    const changes = early.filter((change) => change.sidecar === name);
    for (const change of changes.length > 0 ? changes : [current]) report(change);
    return stop;
  } catch (reason) {
    stop();
    throw reason;
  }
}

/** Whether `next` follows `last`: events may overtake each other, but generations count up, and each starts once. */
function isNewer(next: Status, last: Status | undefined): boolean {
  if (last === undefined || next.generation > last.generation) return true;
  if (next.generation < last.generation) return false;
  if (next.state.phase === "starting" && last.state.phase !== "starting") return false;
  return JSON.stringify(next.state) !== JSON.stringify(last.state);
}
