import { unlessAborted } from "../wire/abort.js";
import { commands } from "../wire/commands.js";
import { BridgeError } from "../wire/error.js";
import { Exchange } from "../wire/exchange.js";
import { askHost } from "../wire/host.js";
import type { Status } from "../wire/types.js";

/**
 * Resolves with the current status of a sidecar: which generation of the sidecar's process this is, and the state of
 * that generation. What a page sees of a sidecar that has ended is a code and a short reason, without paths and without
 * what the sidecar wrote: `details` is absent, and `exit.stderr` is empty. {@link diagnose} has the rest.
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
 * Resolves with the current status of a sidecar and all that is known of how the sidecar has ended: `details` is the whole
 * reason, with paths and a remedy, and `exit.stderr` has the last 20 lines of stderr.
 *
 * @param sidecar The sidecar's name in the app's configuration. An app with a single sidecar needs no name.
 *
 * Needs the permission `sidecar-bridge:allow-logs`, which is not in the default set. Rejects with a
 * {@link BridgeError}.
 */
export function diagnose(sidecar?: string): Promise<Status> {
  return askHost(() => commands.diagnose(sidecar ?? null));
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
 * No change is lost between the two, and the changes come in order. A page that is over 32 changes late misses the oldest.
 * Each status is what {@link status} gives: without paths and without what the sidecar wrote.
 *
 * Resolves after the first call, with a function that ends the subscription. An abort of `signal` ends the
 * subscription too; before the first call, the promise rejects with the signal's reason.
 *
 * Needs the permission `sidecar-bridge:allow-status`. Rejects with a {@link BridgeError} like {@link status}, and with the
 * error that `callback` throws in the first call; that error ends the subscription. What `callback` throws later is an
 * uncaught error of the page, and the subscription goes on.
 */
export async function onStatus(
  callback: (status: Status) => void,
  options: OnStatusOptions = {},
): Promise<UnlistenFn> {
  const { sidecar, signal } = options;
  signal?.throwIfAborted();
  const current = await unlessAborted(status(sidecar), signal);
  callback(current);

  const ended = new AbortController();
  const stop = () => {
    signal?.removeEventListener("abort", stop);
    ended.abort();
  };
  // The callback itself may have aborted.
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop, { once: true });
  void follow(current, callback, ended.signal);
  return stop;
}

/** Calls `callback` with each status after `last`, until `ended` aborts. */
async function follow(last: Status, callback: (status: Status) => void, ended: AbortSignal): Promise<void> {
  const { sidecar } = last;
  let { revision } = last;
  let failure: { reason: unknown } | null = null;
  while (!ended.aborted) {
    try {
      const next = await nextStatus(sidecar, revision, ended);
      if (ended.aborted) return;
      revision = next.revision;
      failure = null;
      try {
        callback(next);
      } catch (reason) {
        throwUncaught(reason);
      }
    } catch (reason) {
      if (ended.aborted) return;
      // The host ends all exchanges when the app begins to end, and a status or two follow. So one more try.
      if (failure) {
        if (!isOver(failure.reason)) throwUncaught(reason);
        return;
      }
      failure = { reason };
    }
  }
}

/** Waits for the next status of a sidecar, and tells the host when nobody waits any more. */
async function nextStatus(sidecar: string, revision: number, ended: AbortSignal): Promise<Status> {
  const exchange = new Exchange();
  const cancel = () => exchange.cancel();
  ended.addEventListener("abort", cancel, { once: true });
  try {
    return await exchange.nextStatus(sidecar, revision);
  } finally {
    ended.removeEventListener("abort", cancel);
  }
}

/** Whether the wait ended because the page is left, or the app ends. */
function isOver(reason: unknown): boolean {
  return reason instanceof BridgeError && reason.code === "cancelled";
}

/** Throws where nobody catches, as an error in a listener does. */
function throwUncaught(reason: unknown): void {
  queueMicrotask(() => {
    throw reason;
  });
}
