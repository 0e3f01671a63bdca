import { BridgeError } from "tauri-plugin-sidecar-bridge-api";

/** An answer of FastAPI that says no. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly status: number;
  /** How long to wait before the next attempt, in seconds, if the server says. */
  readonly retryAfterS: number | null;

  constructor(response: Response, body: unknown) {
    super(
      detailOf(body) ?? `the server answered ${response.status}; look at the log on the diagnostics page`,
    );
    this.status = response.status;
    const retryAfterS = Number.parseInt(response.headers.get("retry-after") ?? "", 10);
    this.retryAfterS = Number.isNaN(retryAfterS) ? null : retryAfterS;
  }
}

/** Whether the same request may succeed soon: the sidecar is restarted, or the database is busy. */
export function passes(error: unknown): boolean {
  if (error instanceof BridgeError) return error.code === "unavailable";
  return error instanceof Failure && error.status === 503;
}

/** What went wrong, as a sentence to show to a person. */
export function sentenceOf(error: unknown): string {
  if (error instanceof BridgeError && error.code === "unavailable") {
    return "The server is not running right now. Your request was not finished; try it again in a moment.";
  }
  const text = error instanceof Error ? error.message : typeof error === "string" ? error : "";
  return asSentence(text || "something went wrong; look at the log on the diagnostics page");
}

/**
 * Messages on the wire begin in lower case and have no full stop. What begins with no plain word, but with an email or the
 * name of a file, is left as it is.
 */
export function asSentence(text: string): string {
  const sentence = text.replace(
    /^[a-z]+(?=[\s,;:]|$)/,
    (word) => word.charAt(0).toUpperCase() + word.slice(1),
  );
  return /[.!?…]$/.test(sentence) ? sentence : `${sentence}.`;
}

function detailOf(body: unknown): string | null {
  if (typeof body !== "object" || body === null || !("detail" in body)) return null;
  return typeof body.detail === "string" ? body.detail : null;
}
