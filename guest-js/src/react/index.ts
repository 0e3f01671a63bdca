/**
 * The sidecar in React components: its status, its events, its jobs, and what stands in their place until it serves.
 * React 18 or newer; who does not import this needs no React.
 *
 * @packageDocumentation
 */

export { type SidecarEvents, type SidecarEventsOptions, useSidecarEvents } from "./events.js";
export { SidecarGate, type SidecarGateProps } from "./gate.js";
export { describeJob, JobProgress, type JobProgressProps } from "./jobprogress.js";
export {
  type JobsView,
  type JobView,
  type UseJobOptions,
  type UseJobsOptions,
  useJob,
  useJobs,
} from "./jobs.js";
export { type SidecarView, useSidecar } from "./sidecar.js";
