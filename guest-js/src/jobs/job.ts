/** Where a job is. The last four are ends; `cancelling` was asked to stop, and is not at an end yet. */
export type JobState = "queued" | "running" | "cancelling" | "done" | "failed" | "cancelled" | "interrupted";

/** How far a job is. */
export interface ProgressOfJob {
  /** From 0 to 1 of the whole job, and never less than before; null while nobody knows. */
  fraction: number | null;
  /** What the job does at present, in the words of its function. */
  stage: string;
  /** How many steps of the stage are done. */
  current: number | null;
  /** How many steps the stage has, if it says so. */
  total: number | null;
  /** An estimate of the time that is left. */
  restMs: number | null;
}

/** Why a job has failed. */
export interface JobFailure {
  /** The kind: its function raised, its worker died, or what goes in or out of it does not fit. */
  code:
    | "exception"
    | "worker_lost"
    | "not_importable"
    | "invalid_arguments"
    | "invalid_result"
    | "result_too_large";
  /** The exception's type, with its module; null where there was none. */
  type: string | null;
  /** What happened; of an exception its text. */
  detail: string;
}

/** A job, as `sidecar_bridge.jobs` has it. Times are in ISO 8601. */
export interface Job<Result = unknown> {
  id: string;
  /** The name of its function. */
  name: string;
  /** What tells it from others of its function, such as the name of a file; empty unless Python has said it. */
  label: string;
  queue: string;
  priority: number;
  state: JobState;
  /** How often it was begun. */
  attempt: number;
  progress: ProgressOfJob;
  submittedAt: string;
  startedAt: string | null;
  endedAt: string | null;
  /** What its function has returned, once it is `done`. */
  result: Result | null;
  /** Why it has `failed`. */
  failure: JobFailure | null;
}

/** A line that a job has logged; `n` counts from 1 in each job. */
export interface JobLog {
  n: number;
  at: string;
  text: string;
  values: Record<string, unknown>;
}

/** A job as it is now, and the lines that it has logged since the update before. */
export interface JobUpdate<Result = unknown> {
  job: Job<Result>;
  logs: JobLog[];
}

/** Whether nothing changes any more, unless somebody retries the job. */
export function hasEnded({ state }: Job): boolean {
  return state !== "queued" && state !== "running" && state !== "cancelling";
}
