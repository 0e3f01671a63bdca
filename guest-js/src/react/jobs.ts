import { useMemo, useSyncExternalStore } from "react";
import type { JobsFilter, JobsOptions } from "../jobs/ask.js";
import type { Job, JobLog } from "../jobs/job.js";
import { watchJob, watchJobs } from "../jobs/watch.js";
import { Followed } from "./followed.js";

/** How many lines of its log a component sees of a job at most, the last ones. */
const LOGS = 1000;

/** Options of {@link useJob}. */
export type UseJobOptions = Omit<JobsOptions, "signal">;

/** Options of {@link useJobs}. */
export interface UseJobsOptions extends UseJobOptions, JobsFilter {}

/** What a component sees of a job. */
export interface JobView<Result> {
  /** The job; null until the sidecar has told it, and without an id. */
  readonly job: Job<Result> | null;
  /** The last lines that it has logged, a thousand at most. */
  readonly logs: readonly JobLog[];
  /** Why the job cannot be followed, such as a `BridgeError` with the code `not_found`; else null. */
  readonly error: unknown;
}

/** What a component sees of many jobs. */
export interface JobsView<Result> {
  /** The newest first; null until the sidecar has told them. */
  readonly jobs: readonly Job<Result>[] | null;
  /** Why they cannot be followed; else null. */
  readonly error: unknown;
}

const NO_JOB: JobView<unknown> = { job: null, logs: [], error: null };
const NO_JOBS: JobsView<unknown> = { jobs: null, error: null };

/** What is followed, by the question: all components of a page that ask the same share one stream. */
const followed = new Map<string, unknown>();

/**
 * Follows a job until it has ended:
 *
 * ```tsx
 * const { job } = useJob<Model>(id);
 * return <JobProgress job={job} />;
 * ```
 *
 * A component that is shown again, also after a reload of the page, sees the job as it is then. It goes on with the next
 * sidecar when this one ends.
 *
 * @param id The job's id; null for none.
 */
export function useJob<Result = unknown>(id: string | null, options: UseJobOptions = {}): JobView<Result> {
  const { path, sidecar, headers } = options;
  const view = useFollowed(["job", id, { path, sidecar, headers }], NO_JOB, async (show, signal) => {
    if (id === null) return;
    let seen = NO_JOB;
    try {
      for await (const { job, logs } of watchJob(id, { ...given(options), signal })) {
        seen = { job, logs: logs.length ? [...seen.logs, ...logs].slice(-LOGS) : seen.logs, error: null };
        show(seen);
      }
    } catch (error) {
      if (!signal.aborted) show({ ...seen, error });
    }
  });
  return view as JobView<Result>;
}

/**
 * Follows the newest jobs, those that have ended too, in one stream:
 *
 * ```tsx
 * const { jobs } = useJobs({ name: "train" });
 * return jobs?.map((job) => <JobProgress key={job.id} job={job} />);
 * ```
 */
export function useJobs<Result = unknown>(options: UseJobsOptions = {}): JobsView<Result> {
  const { path, sidecar, headers, name, state, limit } = options;
  const question = ["jobs", { path, sidecar, headers, name, state, limit }];
  const view = useFollowed(question, NO_JOBS, async (show, signal) => {
    let seen = NO_JOBS;
    try {
      for await (const jobs of watchJobs({ ...given(options), signal })) {
        seen = { jobs, error: null };
        show(seen);
      }
    } catch (error) {
      if (!signal.aborted) show({ ...seen, error });
    }
  });
  return view as JobsView<Result>;
}

/** Options without what is undefined in them. */
function given<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

/** Follows what a question stands for; the same question in another component, or another render, is the same. */
function useFollowed<View>(
  question: readonly unknown[],
  first: View,
  follow: (show: (view: View) => void, signal: AbortSignal) => Promise<void>,
): View {
  const key = JSON.stringify(question);
  const stream = useMemo(() => {
    const known = followed.get(key) as Followed<View> | undefined;
    if (known) return known;
    const made = new Followed(first, (show) => {
      const over = new AbortController();
      followed.set(key, made);
      void follow(show, over.signal);
      return () => {
        followed.delete(key);
        over.abort();
      };
    });
    followed.set(key, made);
    return made;
  }, [key]);
  return useSyncExternalStore(stream.subscribe, stream.view, stream.firstView);
}
