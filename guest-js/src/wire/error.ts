import type { ErrorCode, Problem } from "./types.js";

/**
 * The error of everything that fails behind the page: in the host, in the sidecar's process, or in Tauri's access
 * control.
 *
 * An HTTP error status of the sidecar (404, 500 …) is not an error: `fetch` resolves with that response.
 */
export class BridgeError extends Error {
  override readonly name = "BridgeError";

  /** What happened. Decide by `code`, and show `detail`. Source: RFC 9457, problem details. */
  readonly problem: Problem;

  /** Makes an error of a problem. The message is the problem's `detail`. */
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

/** Makes a `BridgeError` of any value that a Tauri command rejects with. */
export function toBridgeError(reason: unknown): BridgeError {
  if (reason instanceof BridgeError) return reason;
  if (isProblem(reason)) return new BridgeError(reason);
  if (typeof reason === "string") {
    // Tauri rejects with strings; those of its access control have these words.
    const denied = reason.includes("not allowed");
    return new BridgeError(localProblem(denied ? "permission_denied" : "internal", reason));
  }
  const detail = reason instanceof Error ? reason.message : String(reason);
  return new BridgeError(localProblem("internal", detail), { cause: reason });
}

/** The HTTP status of each code, as in `src/error.rs`. */
export const HTTP_STATUS: Readonly<Record<ErrorCode, number>> = {
  invalid_argument: 422,
  unauthenticated: 401,
  permission_denied: 403,
  not_found: 404,
  unavailable: 503,
  failed_precondition: 412,
  resource_exhausted: 429,
  cancelled: 499,
  deadline_exceeded: 504,
  internal: 500,
};

/**
 * A problem that the page itself has found, before anything was sent. The `instance` is empty, because the host's log has
 * no entry for the problem. The problem is retryable where only the sidecar has to serve first.
 */
export function localProblem(code: ErrorCode, detail: string): Problem {
  return {
    type: "about:blank",
    title: code.replace("_", " "),
    status: HTTP_STATUS[code],
    detail,
    instance: "",
    code,
    retryable: code === "unavailable",
  };
}

/** Whether a value is a problem, as the host and the routes of the bridge tell it. */
export function isProblem(value: unknown): value is Problem {
  if (typeof value !== "object" || value === null) return false;
  const { code, title, detail, status } = value as Record<string, unknown>;
  return (
    typeof code === "string" &&
    typeof title === "string" &&
    typeof detail === "string" &&
    typeof status === "number"
  );
}
