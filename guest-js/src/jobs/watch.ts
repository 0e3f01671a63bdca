import { events } from "../events/serverevents.js";
import { BridgeError } from "../wire/error.js";
import { ask, type JobsFilter, type JobsOptions, queryOf } from "./ask.js";
import { hasEnded, type Job, type JobUpdate } from "./job.js";

/** How long to wait before a stream is asked for again that has broken off, in ms. */
const AGAIN_MS = 500;

/** Options of {@link watchJob}. */
export interface WatchOptions extends JobsOptions {
  /** Only lines of the log behind that one. Default: all lines. */
  after?: number;
}

/**
 * Gives a job at each change until it has ended, 20 times a second at most, with the lines that it logs:
 *
 * ```ts
 * for await (const { job, logs } of watchJob<Model>(id, { signal })) show(job, logs);
 * ```
 *
 * The job belongs to the sidecar: a page that loads again watches it again, from {@link listJobs} or an id that it kept. A
 * stream that breaks off, as at a crash of the sidecar, goes on with the next sidecar, and no line comes twice.
 *
 * Throws the reason of `signal` when that aborts, and a `BridgeError` that asking again would not mend, such as `not_found`.
 */
export async function* watchJob<Result = unknown>(
  id: string,
  options: WatchOptions = {},
): AsyncGenerator<JobUpdate<Result>, void, undefined> {
  let { after = 0 } = options;
  const again = () => ask("GET", [id, "events", `?after=${after}`], options);
  for await (const update of unbroken<JobUpdate<Result>>(again, options.signal)) {
    after = update.logs.at(-1)?.n ?? after;
    yield update;
    if (hasEnded(update.job)) return;
  }
}

/** Options of {@link watchJobs}. */
export interface WatchAllOptions extends JobsOptions, JobsFilter {}

/** What has changed among jobs. */
interface Change {
  /** Those that are meant, the newest first. */
  ids: string[];
  /** Those of them that are new, or not as before. */
  jobs: Job[];
}

/**
 * Gives the newest jobs at each change of one of them, four times a second at most, and never ends by itself. However many
 * jobs there are, this takes one connection.
 *
 * Throws as {@link watchJob} does.
 */
export async function* watchJobs<Result = unknown>(
  options: WatchAllOptions = {},
): AsyncGenerator<Job<Result>[], void, undefined> {
  const known = new Map<string, Job>();
  const again = () => {
    // The next sidecar begins with all of them.
    known.clear();
    return ask("GET", ["events", queryOf(options)], options);
  };
  for await (const { ids, jobs } of unbroken<Change>(again, options.signal)) {
    for (const job of jobs) known.set(job.id, job);
    const meant = ids.flatMap((id) => known.get(id) ?? []);
    known.clear();
    for (const job of meant) known.set(job.id, job);
    yield meant as Job<Result>[];
  }
}

/** The events of a stream that is asked for again whenever it ends or breaks off. */
async function* unbroken<T>(
  again: () => Promise<Response>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, void, undefined> {
  while (true) {
    try {
      for await (const { data } of events<T>(await again())) yield data;
    } catch (error) {
      signal?.throwIfAborted();
      // Nothing is done by a question, so any that may be answered later is asked again.
      if (!(error instanceof BridgeError && error.code === "unavailable")) throw error;
    }
    await pause(signal);
  }
}

function pause(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, AGAIN_MS);
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort, { once: true });
  });
}
