import { commands } from "../wire/commands.js";
import { askHost } from "../wire/host.js";
import type { OutputLine } from "../wire/types.js";

/**
 * Resolves with the last lines that a sidecar wrote to stdout and stderr, in all its generations, oldest first: at
 * most 1000 lines and 256 KiB. `sequence` counts up without gaps, so a page that asks again sees which lines are new,
 * and whether lines are missing. `[redacted]` stands in place of the token, and of the values of configured variables
 * whose names say that the values are secret.
 *
 * @param sidecar The sidecar's name in the app's configuration. An app with a single sidecar needs no name.
 *
 * Needs the permission `sidecar-bridge:allow-logs`, which is not in the default set. Rejects with a
 * {@link BridgeError}.
 */
export function logs(sidecar?: string): Promise<OutputLine[]> {
  return askHost(() => commands.logs(sidecar ?? null));
}
