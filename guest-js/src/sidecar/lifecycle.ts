import { commands } from "../wire/commands.js";
import { askHost } from "../wire/host.js";
import type { OutputLine } from "../wire/types.js";

/**
 * Ends a sidecar if it lives, starts its next generation, and resolves once that serves. Requests made meanwhile wait
 * for it; those on their way get 2 s to finish.
 *
 * @param sidecar Its name in the app's configuration. Can be left out while there is only one.
 *
 * Needs the permission `sidecar-bridge:allow-restart`, which is not in the default set. Rejects with a
 * {@link BridgeError}: the reason, when the next generation stops or fails before it serves.
 */
export async function restart(sidecar?: string): Promise<void> {
  await askHost(() => commands.restart(sidecar ?? null));
}

/**
 * Starts a sidecar that was stopped or has failed, and resolves once it serves. One that lives is left alone.
 *
 * @param sidecar Its name in the app's configuration. Can be left out while there is only one.
 *
 * Needs the permission `sidecar-bridge:allow-start`, which is not in the default set. Rejects with a
 * {@link BridgeError}: the reason, when the sidecar stops or fails before it serves.
 */
export async function start(sidecar?: string): Promise<void> {
  await askHost(() => commands.start(sidecar ?? null));
}

/**
 * Ends a sidecar, which stays stopped until it is started again, and resolves once it has ended. Requests on their way
 * get 2 s to finish; new ones fail with `unavailable`.
 *
 * @param sidecar Its name in the app's configuration. Can be left out while there is only one.
 *
 * Needs the permission `sidecar-bridge:allow-stop`, which is not in the default set. Rejects with a
 * {@link BridgeError}.
 */
export async function stop(sidecar?: string): Promise<void> {
  await askHost(() => commands.stop(sidecar ?? null));
}

/**
 * The last lines that a sidecar wrote to stdout and stderr, in all its generations, oldest first: at most 1000 lines and
 * 256 KiB. `sequence` counts up without gaps, so a reader that asks again sees what is new and what it has missed.
 * The token, and the values of configured variables whose names say that they are secret, are replaced.
 *
 * @param sidecar Its name in the app's configuration. Can be left out while there is only one.
 *
 * Needs the permission `sidecar-bridge:allow-logs`, which is not in the default set. Rejects with a {@link BridgeError}.
 */
export function logs(sidecar?: string): Promise<OutputLine[]> {
  return askHost(() => commands.logs(sidecar ?? null));
}
