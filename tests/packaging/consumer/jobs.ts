// Every public name of the part for jobs.
import {
  cancelJob,
  getJob,
  hasEnded,
  type Job,
  type JobFailure,
  type JobLog,
  type JobState,
  type JobsFilter,
  type JobsOptions,
  type JobUpdate,
  type ListOptions,
  listJobs,
  type ProgressOfJob,
  retryJob,
  type SubmitOptions,
  submitJob,
  type WatchAllOptions,
  type WatchOptions,
  watchJob,
  watchJobs,
} from "tauri-plugin-sidecar-bridge-api/jobs";

interface Model {
  loss: number;
}

export async function train(signal: AbortSignal): Promise<Job<Model>[]> {
  const options: JobsOptions = { path: "/api/jobs", sidecar: "python", headers: {}, signal };
  const submitted: SubmitOptions = { ...options, key: "k" };
  const { id } = await submitJob<Model>("train", { epochs: 3 }, submitted);
  const watched: WatchOptions = { ...options, after: 2 };
  for await (const update of watchJob<Model>(id, watched)) {
    const { job, logs }: JobUpdate<Model> = update;
    const progress: ProgressOfJob = job.progress;
    const failure: JobFailure | null = job.failure;
    const lines: JobLog[] = logs;
    console.log(progress.fraction, failure?.code, lines[0]?.text, job.result?.loss, hasEnded(job));
  }
  const state: JobState = "failed";
  const filter: JobsFilter = { name: "train", state, limit: 5 };
  const all: WatchAllOptions = { ...options, ...filter };
  for await (const jobs of watchJobs<Model>(all)) console.log(jobs.length);
  await retryJob<Model>((await getJob<Model>(id)).id);
  await cancelJob(id, options);
  const listed: ListOptions = { ...filter, before: id };
  return listJobs<Model>(listed);
}

export function mistakes(): void {
  // @ts-expect-error: there is no such state.
  void listJobs({ state: "late" });
}
