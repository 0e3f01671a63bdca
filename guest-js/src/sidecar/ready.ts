import { BridgeError, localProblem } from "../wire/error.js";
import { inTauri } from "../wire/tauri.js";
import type { State } from "../wire/types.js";
import { type OnStatusOptions, onStatus } from "./status.js";

/**
 * Resolves when a sidecar serves. In a plain browser the promise resolves at once, without a question to the sidecar.
 *
 * ```ts
 * await waitReady({ signal: AbortSignal.timeout(30_000) });
 * ```
 *
 * Needs the permissions of {@link onStatus}. Rejects with a {@link BridgeError} when the sidecar has failed or was
 * stopped, with the reason of `signal` when that aborts, and like {@link onStatus}.
 */
export function waitReady(options: OnStatusOptions = {}): Promise<void> {
  if (!inTauri()) return Promise.resolve();
  const settled = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, settled.signal]) : settled.signal;
  const waiting = new Promise<void>((resolve, reject) => {
    options.signal?.addEventListener("abort", () => reject(options.signal?.reason), {
      signal: settled.signal,
    });
    const settle = ({ state }: { state: State }) => {
      if (state.phase === "ready" || state.phase === "unresponsive") resolve();
      if (state.phase === "failed") reject(new BridgeError(state.problem));
      if (state.phase === "stopped" || state.phase === "stopping") {
        reject(new BridgeError(localProblem("unavailable", "the sidecar was stopped; start it again")));
      }
    };
    onStatus(settle, { ...options, signal }).catch(reject);
  });
  return waiting.finally(() => settled.abort());
}
