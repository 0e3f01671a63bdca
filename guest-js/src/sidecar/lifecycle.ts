import { commands } from "../wire/commands.js";
import { askHost } from "../wire/host.js";

/**
 * Ends a sidecar if one runs, starts the next generation, and resolves when that generation serves. Requests that are
 * on their way get 1 s to finish; new requests wait for the next generation.
 *
 * @param sidecar The sidecar's name in the app's configuration. An app with a single sidecar needs no name.
 *
 * Needs the permission `sidecar-bridge:allow-restart`, which is not in the default set. Rejects with a
 * {@link BridgeError} that has the cause, when the next generation stops or fails before it serves.
 */
export async function restart(sidecar?: string): Promise<void> {
  await askHost(() => commands.restart(sidecar ?? null));
}

/**
 * Starts a sidecar that was stopped or has failed, and resolves when the sidecar serves. Does nothing to a sidecar
 * that runs.
 *
 * @param sidecar The sidecar's name in the app's configuration. An app with a single sidecar needs no name.
 *
 * Needs the permission `sidecar-bridge:allow-start`, which is not in the default set. Rejects with a
 * {@link BridgeError} that has the cause, when the sidecar stops or fails before it serves.
 */
export async function start(sidecar?: string): Promise<void> {
  await askHost(() => commands.start(sidecar ?? null));
}

/**
 * Ends a sidecar and resolves when the sidecar has ended; {@link start} and {@link restart} start it again. Requests
 * that are on their way get 1 s to finish; new requests fail with `unavailable`.
 *
 * @param sidecar The sidecar's name in the app's configuration. An app with a single sidecar needs no name.
 *
 * Needs the permission `sidecar-bridge:allow-stop`, which is not in the default set. Rejects with a
 * {@link BridgeError}.
 */
export async function stop(sidecar?: string): Promise<void> {
  await askHost(() => commands.stop(sidecar ?? null));
}
