import type { Job, JobLog } from "../../src/jobs/index.js";

/** A job as the routes tell it. */
export function jobOf<Result = number>(part: Partial<Job<Result>> = {}): Job<Result> {
  return {
    id: "7",
    name: "train",
    label: "",
    queue: "default",
    priority: 0,
    state: "queued",
    attempt: 1,
    progress: { fraction: null, stage: "", current: null, total: null, restMs: null },
    submittedAt: "2026-11-30T12:00:00Z",
    startedAt: null,
    endedAt: null,
    result: null,
    failure: null,
    ...part,
  };
}

/** A line of a log. */
export function logOf(n: number): JobLog {
  return { n, at: "2026-11-30T12:00:00Z", text: `line ${n}`, values: {} };
}
