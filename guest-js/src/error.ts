import type { ErrorCode, Problem } from "./bindings.js";

/**
 * The one error this package throws for what went wrong behind the page: in the host, in the sidecar's
 * process, or in Tauri's access control.
 *
 * An HTTP error status of the sidecar (404, 500 …) is not an error: {@link fetch} resolves with that response.
 */
export class BridgeError extends Error {
  override readonly name = "BridgeError";

  /** What happened, as RFC 9457 problem details. Branch on its `code`; show its `detail`. */
  readonly problem: Problem;

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.detail || problem.title, options);
    this.problem = problem;
  }

  /** The kind of error, one of gRPC's canonical names: `unavailable`, `permission_denied` … */
  get code(): ErrorCode {
    return this.problem.code;
  }

  /**
   * Whether the same request may succeed later, and has done nothing yet. `false` says that it is not safe to send it again
   * unasked, not that it was carried out.
   */
  get retryable(): boolean {
    return this.problem.retryable;
  }
}

/** Makes a `BridgeError` out of whatever a Tauri command was rejected with. */
export function toBridgeError(reason: unknown): BridgeError {
  if (reason instanceof BridgeError) return reason;
  if (isProblem(reason)) return new BridgeError(reason);
  if (typeof reason === "string") {
    // Tauri's own refusals are bare strings; this is how its access control phrases them.
    const denied = reason.includes("not allowed");
    return new BridgeError(localProblem(denied ? "permission_denied" : "internal", reason));
  }
  const detail = reason instanceof Error ? reason.message : String(reason);
  return new BridgeError(localProblem("internal", detail), { cause: reason });
}

const STATUS = {
  permission_denied: 403,
  not_found: 404,
  failed_precondition: 412,
  internal: 500,
  unavailable: 503,
} as const;

/**
 * A problem found in the page, before anything was sent. Its `instance` is empty: no log of the host has an entry for it.
 * It is retryable where only the sidecar has to serve first.
 */
export function localProblem(code: keyof typeof STATUS, detail: string): Problem {
  return {
    type: "about:blank",
    title: code.replace("_", " "),
    status: STATUS[code],
    detail,
    instance: "",
    code,
    retryable: code === "unavailable",
  };
}

function isProblem(value: unknown): value is Problem {
  if (typeof value !== "object" || value === null) return false;
  const { code, title, detail, status } = value as Record<string, unknown>;
  return (
    typeof code === "string" &&
    typeof title === "string" &&
    typeof detail === "string" &&
    typeof status === "number"
  );
}
