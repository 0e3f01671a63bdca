import { BridgeError, localProblem, toBridgeError } from "./error.js";
import { inTauri } from "./tauri.js";

/** Runs one exchange with the host; whatever it fails with becomes a `BridgeError`. */
export async function askHost<T>(exchange: () => T | Promise<T>): Promise<T> {
  if (!inTauri()) {
    const detail = "this page does not run in a tauri window; open it through the app";
    throw new BridgeError(localProblem("failed_precondition", detail));
  }
  try {
    return await exchange();
  } catch (reason) {
    throw toBridgeError(reason);
  }
}
