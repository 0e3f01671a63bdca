// @vitest-environment happy-dom
import { createElement as h } from "react";
import { renderToString } from "react-dom/server";
import { describe, expect, test, vi } from "vitest";
import type { Job } from "../../src/jobs/index.js";
import { describeJob, JobProgress, type JobProgressProps, useJob, useJobs } from "../../src/react/index.js";
import { type EventStream, eventStream, mockSidecar, problem } from "../../src/testing/index.js";
import { jobOf, logOf } from "../jobs/kit.js";
import { MODES, render, until } from "./kit.js";

/** A sidecar whose answers are all streams; it keeps them, and the paths that were asked for. */
function streaming() {
  const streams: EventStream[] = [];
  const asked: string[] = [];
  mockSidecar({
    handler({ url }) {
      const { pathname, search } = new URL(url);
      asked.push(pathname + search);
      const stream = eventStream();
      streams.push(stream);
      return stream.response;
    },
  });
  return { streams, asked, open: () => streams.filter(({ cancelled }) => !cancelled).length };
}

function One({ id }: { id: string | null }) {
  const { job, logs, error } = useJob<number>(id);
  const code = (error as { code?: string } | null)?.code;
  return h("p", null, [job?.state, job?.result, ...logs.map(({ n }) => n), code].filter(Boolean).join(" "));
}

function Many(props: { name?: string }) {
  const { jobs } = useJobs(props);
  return h("p", null, jobs ? jobs.map(({ id, state }) => `${id} ${state}`).join(", ") || "none" : "unknown");
}

describe.each(MODES)("mounted %s,", (_, mode) => {
  test("useJob shows a job until it has ended, in one stream for all who look", async () => {
    const { streams, asked, open } = streaming();
    const { page, unmount } = await render([h(One, { key: 1, id: "7" }), h(One, { key: 2, id: "7" })], mode);
    await until(() => expect(streams).toHaveLength(1));
    streams[0]?.send({ job: jobOf({ state: "running" }), logs: [logOf(1)] });
    await until(() => expect(page.innerHTML).toBe("<p>running 1</p><p>running 1</p>"));
    streams[0]?.send({ job: jobOf({ state: "done", result: 5 }), logs: [logOf(2)] });
    await until(() => expect(page.innerHTML).toBe("<p>done 5 1 2</p><p>done 5 1 2</p>"));
    await vi.waitFor(() => expect(open()).toBe(0));
    expect(asked).toEqual(["/jobs/7/events?after=0"]);
    await unmount();
  });

  test("useJob begins anew for another id, and asks nothing without one", async () => {
    const { streams, asked, open } = streaming();
    const { page, show, unmount } = await render(h(One, { id: null }), mode);
    expect(asked).toEqual([]);
    await show(h(One, { id: "7" }));
    await until(() => expect(streams).toHaveLength(1));
    streams[0]?.send({ job: jobOf({ state: "running" }), logs: [] });
    await until(() => expect(page.textContent).toBe("running"));
    await show(h(One, { id: "8" }));
    expect(page.textContent).toBe("");
    await until(() => expect(asked).toEqual(["/jobs/7/events?after=0", "/jobs/8/events?after=0"]));
    await vi.waitFor(() => expect(open()).toBe(1));
    await unmount();
    await vi.waitFor(() => expect(open()).toBe(0));
  });

  test("useJob says why there is no job", async () => {
    mockSidecar({ handler: () => Response.json(problem("not_found"), { status: 404 }) });
    const { page } = await render(h(One, { id: "7" }), mode);
    await until(() => expect(page.textContent).toBe("not_found"));
  });

  test("useJobs shows the newest jobs, and that there are none", async () => {
    const { streams, asked, open } = streaming();
    const { page, unmount } = await render(h(Many, { name: "train" }), mode);
    expect(page.textContent).toBe("unknown");
    await until(() => expect(streams).toHaveLength(1));
    streams[0]?.send({ ids: [], jobs: [] });
    await until(() => expect(page.textContent).toBe("none"));
    streams[0]?.send({ ids: ["8"], jobs: [jobOf({ id: "8" })] });
    await until(() => expect(page.textContent).toBe("8 queued"));
    expect(asked).toEqual(["/jobs/events?name=train"]);
    await unmount();
    await vi.waitFor(() => expect(open()).toBe(0));
  });
});

const half: Job = jobOf({
  state: "running",
  progress: { fraction: 0.509, stage: "training", current: 1, total: 2, restMs: 90_000 },
});

async function shown(props: JobProgressProps) {
  const { page, show } = await render(h(JobProgress, props));
  const bar = () => page.querySelector("[role=progressbar]");
  const said = (name: string) => bar()?.getAttribute(`aria-${name}`) ?? null;
  return { page, show, bar, said, end: () => page.querySelector("[role=status]") };
}

describe("JobProgress", () => {
  test("is a progress bar with a name, a value and words", async () => {
    const { page, said } = await shown({ job: half });
    expect([said("valuenow"), said("valuemin"), said("valuemax")]).toEqual(["50", "0", "100"]);
    expect(said("valuetext")).toBe("training · 50 % · about 2 min left");
    const label = page.querySelector(`#${CSS.escape(said("labelledby") ?? "")}`);
    expect(label?.textContent).toBe("Train");
    expect(page.querySelector<HTMLElement>(".sidecar-job-fill")?.style.transform).toBe("scaleX(0.509)");
  });

  test("has no value while nobody knows how far the job is", async () => {
    const { said, page } = await shown({ job: jobOf({ state: "running" }), label: "Work" });
    expect([said("valuenow"), said("valuetext")]).toEqual([null, "Running"]);
    expect(page.querySelector(".sidecar-job-label")?.textContent).toBe("Work");
  });

  test("is called as the job is, if it has a label of its own", async () => {
    const { page } = await shown({ job: jobOf({ label: "a.csv" }) });
    expect(page.querySelector(".sidecar-job-label")?.textContent).toBe("a.csv");
  });

  test("tells of the end in an element that was there before", async () => {
    const { show, end, said } = await shown({ job: half });
    const place = end();
    expect(place?.textContent).toBe("");
    await show(h(JobProgress, { job: { ...half, state: "done" } }));
    expect(end()).toBe(place);
    expect(place?.textContent).toBe("Done");
    expect(said("valuenow")).toBe("100");
  });

  test("lets the person cancel what has not ended, once", async () => {
    const onCancel = vi.fn();
    const { page, show } = await shown({ job: half, onCancel, cancelLabel: "Stop" });
    const button = () => page.querySelector("button");
    expect(button()?.textContent).toBe("Stop");
    button()?.click();
    expect(onCancel).toHaveBeenCalledWith(half);
    await show(h(JobProgress, { job: { ...half, state: "cancelling" }, onCancel }));
    expect(button()?.disabled).toBe(true);
    await show(h(JobProgress, { job: { ...half, state: "cancelled" }, onCancel }));
    expect(button()).toBeNull();
  });

  test("shows nothing without a job, and renders on a server", async () => {
    const { page } = await shown({ job: null });
    expect(page.innerHTML).toBe("");
    expect(renderToString(h(JobProgress, { job: half }))).toContain('role="progressbar"');
  });

  test("has its style once, for light, dark, less motion and few colors", async () => {
    await shown({ job: half });
    const ours = document.adoptedStyleSheets.filter((sheet) =>
      [...sheet.cssRules].some(({ cssText }) => cssText.includes("sidecar-job")),
    );
    expect(ours).toHaveLength(1);
    const text = [...(ours[0]?.cssRules ?? [])].map(({ cssText }) => cssText).join("");
    for (const query of ["prefers-color-scheme: dark", "prefers-reduced-motion: reduce", "forced-colors"]) {
      expect(text).toContain(query);
    }
  });
});

test.each<[Partial<Job>, string]>([
  [{ state: "queued" }, "Waiting"],
  [{ state: "failed", failure: { code: "exception", type: null, detail: "no disk" } }, "Failed: no disk"],
  [{ progress: { ...half.progress, restMs: 5_400_000 } }, "training · 50 % · about 1 h 30 min left"],
  [{ progress: { ...half.progress, fraction: null } }, "training · 1 of 2"],
  [{ progress: { ...half.progress, fraction: null, total: null, stage: "" } }, "1"],
])("a job is described in words: %o", (part, words) => {
  expect(describeJob({ ...half, ...part })).toBe(words);
});
