import { fetch } from "../fetch/fetch.js";
import { BridgeError, isProblem, localProblem } from "../wire/error.js";
import type { ErrorCode } from "../wire/types.js";
import type { Job, JobState } from "./job.js";

/** What all questions about jobs take. */
export interface JobsOptions {
  /** The path of the routes. Default: `/jobs`, where `app.include_router(jobs.router)` puts them. */
  path?: string;
  /** The sidecar's name in the app's configuration. An app with a single sidecar needs no name. */
  sidecar?: string;
  /** More headers, such as for a login of the app. */
  headers?: Record<string, string>;
  /** Ends the question, not the job. */
  signal?: AbortSignal;
}

/** Which jobs are meant. */
export interface JobsFilter {
  /** Only those of that function. */
  name?: string;
  /** Only those in that state. */
  state?: JobState;
  /** How many at most, of the newest. Default: 100. */
  limit?: number;
}

/** Options of {@link submitJob}. */
export interface SubmitOptions extends JobsOptions {
  /** An idempotency key: a second job of the function with the same key and arguments is the first one. */
  key?: string;
}

/** Options of {@link listJobs}. */
export interface ListOptions extends JobsOptions, JobsFilter {
  /** Only jobs that are older than the one with that id. */
  before?: string;
}

/**
 * Submits a job, and resolves once the sidecar has kept it: neither a reload of the page nor a crash loses it then.
 *
 * ```ts
 * const { id } = await submitJob<Model>("train", { epochs: 10 });
 * for await (const { job } of watchJob<Model>(id)) show(job.progress);
 * ```
 *
 * @param name The function's name.
 * @param args Its arguments by name.
 *
 * Rejects with a {@link BridgeError}: `invalid_argument` for arguments that are not the function's, `unavailable` when the
 * sidecar or its database is, `not_found` when there is no such function.
 */
export function submitJob<Result = unknown>(
  name: string,
  args: Readonly<Record<string, unknown>> = {},
  { key, ...options }: SubmitOptions = {},
): Promise<Job<Result>> {
  const headers = {
    ...options.headers,
    "content-type": "application/json",
    ...(key !== undefined && { "idempotency-key": key }),
  };
  return told("POST", [name], { ...options, headers }, JSON.stringify(args));
}

/** Gives a job as it is now. Rejects with `not_found` when there is none with that id, or not any more. */
export function getJob<Result = unknown>(id: string, options: JobsOptions = {}): Promise<Job<Result>> {
  return told("GET", [id], options);
}

/** Gives jobs, the newest first. */
export function listJobs<Result = unknown>(options: ListOptions = {}): Promise<Job<Result>[]> {
  return told("GET", [queryOf(options)], options);
}

/**
 * Lets a job stop: one that waits at once, one that runs as soon as it listens. A second time changes nothing. Rejects with
 * `failed_precondition` when it has ended.
 */
export function cancelJob<Result = unknown>(id: string, options: JobsOptions = {}): Promise<Job<Result>> {
  return told("DELETE", [id], options);
}

/** Queues a job again that has failed, or was cancelled or interrupted; rejects with `failed_precondition` otherwise. */
export function retryJob<Result = unknown>(id: string, options: JobsOptions = {}): Promise<Job<Result>> {
  return told("POST", [id, "retry"], options);
}

/** Asks one of the routes; `parts` are those of the path behind that of the jobs. Rejects for an answer that is not ok. */
export async function ask(
  method: string,
  parts: readonly string[],
  { path = "/jobs", headers, sidecar, signal }: JobsOptions,
  body?: string,
): Promise<Response> {
  // A part that begins with `?` is the query.
  const rest = parts.map((part) => (/^(\?|$)/.test(part) ? part : `/${encodeURIComponent(part)}`)).join("");
  const response = await fetch(`${path}${rest}`, {
    method,
    ...(headers && { headers }),
    ...(body !== undefined && { body }),
    ...(sidecar !== undefined && { sidecar }),
    ...(signal && { signal }),
  });
  if (response.ok) return response;
  throw await refusalOf(response);
}

/** The part of a path that says which jobs are meant; empty for all. */
export function queryOf({ name, state, limit, before }: JobsFilter & { before?: string }): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries({ name, state, limit, before })) {
    if (value !== undefined) query.set(key, String(value));
  }
  return query.size === 0 ? "" : `?${query}`;
}

async function told<T>(
  method: string,
  parts: readonly string[],
  options: JobsOptions,
  body?: string,
): Promise<T> {
  return (await ask(method, parts, options, body)).json();
}

/** The error of an answer: a problem as it is, and what another part of the app has answered by its status. */
async function refusalOf(response: Response): Promise<BridgeError> {
  const text = await response.text();
  let said: unknown = null;
  try {
    said = JSON.parse(text);
  } catch {
    // No JSON is no problem of the routes.
  }
  if (isProblem(said)) return new BridgeError(said);
  const code = CODES[response.status] ?? "internal";
  const detail = `the routes of jobs answered with status ${response.status}: ${text.slice(0, 200)}`;
  return new BridgeError({ ...localProblem(code, detail), retryable: false });
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  401: "unauthenticated",
  403: "permission_denied",
  404: "not_found",
  503: "unavailable",
};
