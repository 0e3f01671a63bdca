import type { ErrorCode, Problem } from "./bindings.js";
import { BridgeError } from "./error.js";

const STATUS: Record<ErrorCode, number> = {
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
 * A problem as the host makes it. Throw it in a handler or a command, and the page gets a `BridgeError` of it:
 *
 * ```ts
 * mockSidecar({ handler: () => { throw problem("permission_denied", "no capability grants GET /api/users"); } });
 * ```
 *
 * It is `retryable` when the code is `unavailable`: the sidecar does not serve, and nothing was sent. Where the request was
 * on its way, say `{ retryable: false }`; `crash` does.
 */
export function problem(
  code: ErrorCode,
  detail = `a test answers ${code}`,
  rest: Partial<Problem> = {},
): Problem {
  return {
    type: "about:blank",
    title: code.replace("_", " "),
    status: STATUS[code],
    detail,
    instance: "urn:uuid:00000000-0000-0000-0000-000000000000",
    code,
    retryable: code === "unavailable",
    ...rest,
  };
}

/** What a command is rejected with on the wire, where there are no classes. */
export function rejectionOf(reason: unknown): unknown {
  if (reason instanceof BridgeError) return reason.problem;
  if (reason instanceof Error) return problem("internal", reason.message);
  return reason;
}
