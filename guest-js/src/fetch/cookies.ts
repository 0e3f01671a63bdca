import { readCookies } from "../wire/exchange.js";
import { inTauri } from "../wire/tauri.js";
import { ownUrl } from "./address.js";

/** What {@link cookies} may be told. */
export interface CookiesOptions {
  /** The path of the request that would carry the cookies. Default: `/`. */
  path?: string;
  /** The sidecar's name in the app's configuration. An app with a single sidecar needs no name. */
  sidecar?: string;
}

/**
 * Resolves with the values of the sidecar's cookies by their names: those that a request to a path would carry, without
 * those that are `HttpOnly`. Where two cookies of one name have different paths, the one with the longer path counts.
 *
 * ```ts
 * const token = (await cookies()).get("csrftoken");
 * await fetch("/orders", { method: "POST", headers: { "x-csrftoken": token ?? "" } });
 * ```
 *
 * The host keeps cookies of a sidecar with `cookies` or `persistCookies` in the app's configuration; of others there are
 * none. In a plain browser these are the cookies of `document.cookie`, whatever their path.
 *
 * Needs the permission `sidecar-bridge:allow-cookies`, which is not in the default set, and that the window may fetch the
 * path. Rejects with a {@link BridgeError}: `permission_denied` without one of these, `not_found` for another sidecar.
 */
export async function cookies(options: CookiesOptions = {}): Promise<Map<string, string>> {
  const { path = "/", sidecar } = options;
  const pairs = inTauri() ? await readCookies(sidecar ?? null, ownUrl(path).pathname) : ofDocument();
  const values = new Map<string, string>();
  // The longest path comes first.
  for (const [name, value] of pairs) if (!values.has(name)) values.set(name, value);
  return values;
}

function ofDocument(): [string, string][] {
  const pairs = (globalThis.document?.cookie ?? "").split("; ").filter((pair) => pair !== "");
  return pairs.map((pair) => {
    const equals = pair.indexOf("=");
    return equals < 0 ? ["", pair] : [pair.slice(0, equals), pair.slice(equals + 1)];
  });
}
