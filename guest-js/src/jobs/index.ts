/**
 * Jobs of `sidecar_bridge.jobs` in the page: submit, list, watch, cancel. Plain functions; the entry point `react` has hooks
 * and a component over them.
 *
 * @packageDocumentation
 */

export {
  cancelJob,
  getJob,
  type JobsFilter,
  type JobsOptions,
  type ListOptions,
  listJobs,
  retryJob,
  type SubmitOptions,
  submitJob,
} from "./ask.js";
export {
  hasEnded,
  type Job,
  type JobFailure,
  type JobLog,
  type JobState,
  type JobUpdate,
  type ProgressOfJob,
} from "./job.js";
export { type WatchAllOptions, type WatchOptions, watchJob, watchJobs } from "./watch.js";
