import { createElement, type ReactElement, type ReactNode, useId, useInsertionEffect } from "react";
import { hasEnded, type Job } from "../jobs/job.js";
import { addStyle } from "./jobstyle.js";

/** What {@link JobProgress} takes. */
export interface JobProgressProps {
  /** The job, as `useJob` and `useJobs` give it; nothing is shown for null. */
  job: Job | null;
  /** What it is called. Default: its own label, or the name of its function. */
  label?: ReactNode;
  /** What is said of it, below the bar and to screen readers. Default: {@link describeJob}, in English. */
  describe?: (job: Job) => string;
  /** Shows a button to cancel a job that has not ended, which calls this. */
  onCancel?: (job: Job) => void;
  /** What the button says. Default: `Cancel`. */
  cancelLabel?: string;
  /** A class beside `sidecar-job`. */
  className?: string;
}

/**
 * Shows how far a job is, and its end:
 *
 * ```tsx
 * <JobProgress job={job} label="Training" onCancel={({ id }) => cancelJob(id)} />
 * ```
 *
 * It takes the font and the color of its surroundings, in light and in dark, and moves nothing for those who want it so.
 * Screen readers find a progress bar with a name and a value, and are told of the end. To style it, set
 * `--sidecar-job-accent`, `--sidecar-job-error` and `--sidecar-job-height`, or give a class: any selector of the app wins.
 */
export function JobProgress({
  job,
  label,
  describe = describeJob,
  onCancel,
  cancelLabel = "Cancel",
  className,
}: JobProgressProps): ReactElement | null {
  useInsertionEffect(() => addStyle(document), []);
  const id = useId();
  if (job === null) return null;
  const over = hasEnded(job);
  const fraction = job.state === "done" ? 1 : job.progress.fraction;
  // Where nobody knows how far it is, a progress bar has no value.
  const known = fraction === null ? {} : { "aria-valuenow": Math.floor(100 * fraction) };
  const said = describe(job);
  const bar = createElement(
    "div",
    {
      className: "sidecar-job-bar",
      role: "progressbar",
      "aria-labelledby": id,
      "aria-valuemin": 0,
      "aria-valuemax": 100,
      "aria-valuetext": said,
      ...known,
    },
    createElement("div", {
      className: "sidecar-job-fill",
      style: fraction === null ? undefined : { transform: `scaleX(${fraction})` },
    }),
  );
  const cancel =
    onCancel &&
    !over &&
    createElement(
      "button",
      {
        type: "button",
        className: "sidecar-job-cancel",
        disabled: job.state === "cancelling",
        "aria-describedby": id,
        onClick: () => onCancel(job),
      },
      cancelLabel,
    );
  return createElement(
    "div",
    {
      className: className ? `sidecar-job ${className}` : "sidecar-job",
      "data-state": job.state,
      "data-known": fraction !== null,
    },
    createElement("span", { id, className: "sidecar-job-label" }, label ?? (job.label || nameOf(job))),
    cancel || null,
    bar,
    createElement(
      "span",
      { className: "sidecar-job-text", "aria-hidden": over ? undefined : true },
      over ? null : said,
    ),
    // It is there from the start, for only a change of it is told.
    createElement("span", { className: "sidecar-job-end", role: "status" }, over ? said : null),
  );
}

/** Says in English how far a job is: `training · 40 % · about 2 min left`. */
export function describeJob(job: Job): string {
  const { fraction, stage, current, total, restMs } = job.progress;
  if (job.state === "failed") return `Failed: ${job.failure?.detail ?? "unknown"}`;
  const fixed = STATES[job.state];
  if (fixed !== undefined) return fixed;
  const parts = [stage];
  if (fraction !== null) parts.push(`${Math.floor(100 * fraction)} %`);
  else if (current !== null) parts.push(total === null ? `${current}` : `${current} of ${total}`);
  if (fraction !== null && restMs !== null && restMs >= 1000) parts.push(`about ${durationOf(restMs)} left`);
  return parts.filter(Boolean).join(" · ") || "Running";
}

const STATES: Partial<Record<Job["state"], string>> = {
  queued: "Waiting",
  cancelling: "Cancelling",
  done: "Done",
  cancelled: "Cancelled",
  interrupted: "Interrupted",
};

function durationOf(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A function's name as words: `import_ledger` is `Import ledger`. */
function nameOf({ name }: Job): string {
  const words = name.replaceAll("_", " ");
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}
