// Every public name of the React part.
import { createElement, type ReactElement } from "react";
import {
  describeJob,
  JobProgress,
  type JobProgressProps,
  type JobsView,
  type JobView,
  type SidecarEvents,
  type SidecarEventsOptions,
  SidecarGate,
  type SidecarGateProps,
  type SidecarView,
  type UseJobOptions,
  type UseJobsOptions,
  useJob,
  useJobs,
  useSidecar,
  useSidecarEvents,
} from "tauri-plugin-sidecar-bridge-api/react";

interface Progress {
  fraction: number;
}

function Bar({ id }: { id: number | null }): ReactElement {
  const { status, serves }: SidecarView = useSidecar("python");
  const options: SidecarEventsOptions<Progress> = {
    types: ["step"],
    headers: { authorization: "Bearer x" },
    onEvent: ({ data }) => console.log(data.fraction),
  };
  const path = id === null ? null : `/imports/${id}`;
  const { last, phase }: SidecarEvents<Progress> = useSidecarEvents<Progress>(path, options);
  return createElement(
    "progress",
    { value: last?.data.fraction, title: status?.state.phase ?? phase },
    `${serves}`,
  );
}

function Jobs({ id }: { id: string | null }): ReactElement {
  const options: UseJobOptions = { path: "/api/jobs", sidecar: "python" };
  const { job, logs }: JobView<Progress> = useJob<Progress>(id, options);
  const newest: UseJobsOptions = { ...options, name: "train", state: "running", limit: 5 };
  const { jobs, error }: JobsView<unknown> = useJobs(newest);
  const shown: JobProgressProps = {
    job,
    label: "Train",
    describe: describeJob,
    onCancel: (job) => console.log(job.id),
  };
  return createElement(
    "div",
    { title: `${job?.result?.fraction} ${logs[0]?.text} ${jobs?.length} ${error}` },
    createElement(JobProgress, shown),
  );
}

const props: SidecarGateProps = { fallback: (state) => state?.phase };

export const app: ReactElement = createElement(
  SidecarGate,
  props,
  createElement(Bar, { id: 1 }),
  createElement(Jobs, { id: "7" }),
);

export function mistakes(): void {
  // @ts-expect-error: a number is no name of a sidecar.
  useSidecar(1);
  // @ts-expect-error: `parse` makes what the events say.
  useSidecarEvents<Progress>("/", { parse: (data) => data });
}
