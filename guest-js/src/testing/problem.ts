import { BridgeError, HTTP_STATUS } from "../wire/error.js";
import type { ErrorCode, Problem } from "../wire/types.js";

/**
 * Makes a problem as the host makes it. When a handler or a command throws the problem, the page gets a `BridgeError`:
 *
 * ```ts
 * mockSidecar({ handler: () => { throw problem("permission_denied", "no capability grants GET /api/users"); } });
 * ```
 *
 * @param code The kind of problem.
 * @param detail What happened. Default: a sentence with the code.
 * @param rest Other fields of the problem, in place of the usual ones.
 *
 * The problem is `retryable` when the code is `unavailable`: the sidecar does not serve, and nothing was sent. Where the
 * request was on its way, give `{ retryable: false }` as `rest`; `crash` does.
 */
export function problem(
  code: ErrorCode,
  detail = `a test answers ${code}`,
  rest: Partial<Problem> = {},
): Problem {
  return {
    type: "about:blank",
    title: code.replace("_", " "),
    status: HTTP_STATUS[code],
    detail,
    instance: "urn:uuid:00000000-0000-0000-0000-000000000000",
    code,
    retryable: code === "unavailable",
    ...rest,
  };
}

/** What the page gets of an error of a command: the wire has problems and strings, no classes. */
export function rejectionOf(reason: unknown): unknown {
  if (reason instanceof BridgeError) return reason.problem;
  if (reason instanceof Error) return problem("internal", reason.message);
  return reason;
}
