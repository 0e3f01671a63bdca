import { BridgeError, localProblem } from "../wire/error.js";
import { inTauri } from "../wire/tauri.js";
import type { State } from "../wire/types.js";
import { type OnStatusOptions, onStatus } from "./status.js";

/**
 * Resolves once a sidecar serves. In a plain browser that is taken for granted.
 *
 * ```ts
 * await waitReady({ signal: AbortSignal.timeout(30_000) });
 * ```
 *
 * Rejects with a {@link BridgeError} as soon as the sidecar has failed or was stopped, with the reason of `signal`, and
 * like {@link onStatus}, whose permissions it needs.
 */
export function waitReady(options: OnStatusOptions = {}): Promise<void> {
  if (!inTauri()) return Promise.resolve();
  const over = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, over.signal]) : over.signal;
  const waiting = new Promise<void>((resolve, reject) => {
    options.signal?.addEventListener("abort", () => reject(options.signal?.reason), { signal: over.signal });
    const heed = ({ state }: { state: State }) => {
      if (state.phase === "ready" || state.phase === "unresponsive") resolve();
      if (state.phase === "failed") reject(new BridgeError(state.problem));
      if (state.phase === "stopped" || state.phase === "stopping") {
        reject(new BridgeError(localProblem("unavailable", "the sidecar was stopped; start it again")));
      }
    };
    onStatus(heed, { ...options, signal }).catch(reject);
  });
  return waiting.finally(() => over.abort());
}
