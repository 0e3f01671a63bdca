import { unlessAborted } from "../wire/abort.js";
import { commands, events } from "../wire/commands.js";
import { askHost } from "../wire/host.js";
import type { Status } from "../wire/types.js";

/**
 * The current status of a sidecar: its generation, which counts its lives, and the phase of this one.
 *
 * @param sidecar Its name in the app's configuration. Can be left out while there is only one.
 *
 * Rejects with a {@link BridgeError}: `not_found` for an unknown sidecar, `permission_denied` when no capability
 * of the window grants it.
 */
export function status(sidecar?: string): Promise<Status> {
  return askHost(() => commands.status(sidecar ?? null));
}

/**
 * Ends a subscription.
 *
 * The type of that name in `@tauri-apps/api/event`, written out: the declarations of that package do not compile in every
 * app that checks its libraries.
 */
export type UnlistenFn = () => void;

/** Options of {@link onStatus}. */
export interface OnStatusOptions {
  /** The sidecar's name in the app's configuration. Can be left out while there is only one. */
  sidecar?: string;
  /** Ends the subscription when it aborts. */
  signal?: AbortSignal;
}

/**
 * Follows the status of a sidecar: calls back once with the current status, then with each change.
 *
 * ```ts
 * const stop = await onStatus(({ state }) => render(state.phase));
 * ```
 *
 * The last change is never lost and none comes late: the subscription is in place before the current status is read,
 * and a status older than the last one reported is dropped. One that another follows at once may be left out.
 *
 * Resolves, after the first call, with a function that ends the subscription; aborting `signal` does the same, or
 * rejects with its reason if that comes earlier.
 *
 * Rejects with a {@link BridgeError} like {@link status}; it also needs the permission `core:event:allow-listen`.
 * What `callback` throws in that first call is passed on, and ends the subscription.
 */
export async function onStatus(
  callback: (status: Status) => void,
  options: OnStatusOptions = {},
): Promise<UnlistenFn> {
  const { sidecar, signal } = options;
  signal?.throwIfAborted();

  let stopped = false;
  let name: string | undefined; // of the sidecar followed: unknown until the host has said which is the only one
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
    // If changes came in meanwhile, `current` may be older than they are; if it is newer, its own event follows.
    const changes = early.filter((change) => change.sidecar === name);
    for (const change of changes.length > 0 ? changes : [current]) report(change);
    return stop;
  } catch (reason) {
    stop();
    throw reason;
  }
}

/** Generations only count up, and each starts once: what breaks that order has been overtaken on the way. */
function isNewer(next: Status, last: Status | undefined): boolean {
  if (last === undefined || next.generation > last.generation) return true;
  if (next.generation < last.generation) return false;
  if (next.state.phase === "starting" && last.state.phase !== "starting") return false;
  return JSON.stringify(next.state) !== JSON.stringify(last.state);
}
