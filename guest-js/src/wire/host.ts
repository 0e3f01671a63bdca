import { BridgeError, localProblem, toBridgeError } from "./error.js";
import { inTauri } from "./tauri.js";

/** Runs a function that invokes commands of the host. Rejects with a `BridgeError` for every error of that function. */
export async function askHost<T>(call: () => T | Promise<T>): Promise<T> {
  if (!inTauri()) {
    const detail = "this page does not run in a tauri window; open it through the app";
    throw new BridgeError(localProblem("failed_precondition", detail));
  }
  try {
    return await call();
  } catch (reason) {
    throw toBridgeError(reason);
  }
}
