/** How much is done. */
export interface Progress {
  /** The number of bytes so far. */
  bytes: number;
  /** The number of all bytes; null when nobody knows. */
  totalBytes: number | null;
}

/** The options of `fetch`: those of the browser's own `fetch`, and three of the bridge. */
export interface FetchInit extends RequestInit {
  /** The sidecar's name in the app's configuration. An app with a single sidecar needs no name. */
  sidecar?: string;
  /**
   * How long the request waits for a sidecar that does not serve yet, in ms. Default: `waitMs` of the app's
   * configuration.
   */
  waitMs?: number;
  /** Hears again and again how much of the body is sent. What it throws is reported as an uncaught error. */
  onProgress?: (progress: Progress) => void;
}

const MEMBERS = [
  "body",
  "cache",
  "credentials",
  "duplex",
  "headers",
  "integrity",
  "keepalive",
  "method",
  "mode",
  "priority",
  "redirect",
  "referrer",
  "referrerPolicy",
  "signal",
  "window",
  "sidecar",
  "waitMs",
  "onProgress",
];

/**
 * Reads options as a browser does: by name, so that those of a class or of a `Request`, which have getters, count too.
 * Nothing stands for no options.
 *
 * Throws a `TypeError` for what is no object. Source: Web IDL, "convert an ECMAScript value to a dictionary".
 */
export function readInit<Init extends RequestInit>(init: Init | null | undefined): Init {
  if (init === undefined || init === null) return {} as Init;
  if (typeof init !== "object" && typeof init !== "function") {
    throw new TypeError(`${String(init)} is not an object of options; give one such as { method: "POST" }`);
  }
  const given = init as Record<string, unknown>;
  const read: Record<string, unknown> = {};
  for (const name of MEMBERS) {
    const value = given[name];
    if (value !== undefined) read[name] = value;
  }
  return read as Init;
}
