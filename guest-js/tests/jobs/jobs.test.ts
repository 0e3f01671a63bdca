// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { BridgeError } from "../../src/index.js";
import {
  cancelJob,
  getJob,
  hasEnded,
  type Job,
  type JobLog,
  listJobs,
  retryJob,
  submitJob,
  watchJob,
  watchJobs,
} from "../../src/jobs/index.js";
import { closeSidecars, eventStream, mockSidecar, problem } from "../../src/testing/index.js";
import { jobOf, logOf } from "./kit.js";

beforeEach(() => {
  // The pause before a stream is asked for again; nothing else here takes time.
  vi.useFakeTimers({
    toFake: ["setTimeout", "clearTimeout"],
    shouldAdvanceTime: true,
    advanceTimeDelta: 100,
  });
});

afterEach(() => {
  vi.useRealTimers();
  closeSidecars();
});

/** A sidecar that gives the same answer to everything; it keeps what it was asked. */
function answering(answer: () => Response) {
  const asked: string[] = [];
  const requests: Request[] = [];
  mockSidecar({
    async handler(request) {
      const { pathname, search } = new URL(request.url);
      const body = await request.clone().text();
      asked.push(`${request.method} ${pathname}${search} ${body}`.trim());
      requests.push(request);
      return answer();
    },
  });
  return { asked, requests };
}

test("each question is one request to its route", async () => {
  const { asked, requests } = answering(() => Response.json(jobOf()));
  const options = { path: "/api/work", headers: { authorization: "Bearer x" } };
  expect(await submitJob("train", { epochs: 3 }, { key: "k" })).toEqual(jobOf());
  await submitJob("sweep");
  await getJob("7/8");
  await cancelJob("7", options);
  await retryJob("7");
  await listJobs();
  await listJobs({ name: "train", state: "running", limit: 5, before: "7" });
  expect(asked).toEqual([
    'POST /jobs/train {"epochs":3}',
    "POST /jobs/sweep {}",
    "GET /jobs/7%2F8",
    "DELETE /api/work/7",
    "POST /jobs/7/retry",
    "GET /jobs",
    "GET /jobs?name=train&state=running&limit=5&before=7",
  ]);
  expect(requests[0]?.headers.get("idempotency-key")).toBe("k");
  expect(requests[0]?.headers.get("content-type")).toBe("application/json");
  expect(requests[3]?.headers.get("authorization")).toBe("Bearer x");
});

test("a refusal is the problem that the routes tell", async () => {
  const { instance, ...rest } = problem("failed_precondition", "job 7 is done already");
  answering(() => Response.json({ ...rest, instance }, { status: 412 }));
  await expect(cancelJob("7")).rejects.toMatchObject({
    name: "BridgeError",
    code: "failed_precondition",
    message: "job 7 is done already",
  });
});

test.each([
  [404, "not_found"],
  [500, "internal"],
])("what another part of the app answers with %i is %s", async (status, code) => {
  answering(() => new Response("<h1>no</h1>", { status }));
  await expect(getJob("7")).rejects.toMatchObject({
    code,
    retryable: false,
    message: `the routes of jobs answered with status ${status}: <h1>no</h1>`,
  });
});

test("a job is watched until it has ended", async () => {
  const stream = eventStream();
  const { asked } = answering(() => stream.response);
  stream.send({ job: jobOf({ state: "running" }), logs: [logOf(1), logOf(2)] });
  stream.send({ job: jobOf({ state: "done", result: 5 }), logs: [] });
  const seen: Job<number>[] = [];
  const lines: JobLog[] = [];
  for await (const { job, logs } of watchJob<number>("7")) {
    seen.push(job);
    lines.push(...logs);
  }
  expect(seen.map(({ state, result }) => [state, result])).toEqual([
    ["running", null],
    ["done", 5],
  ]);
  expect(seen.map(hasEnded)).toEqual([false, true]);
  expect(lines.map(({ n }) => n)).toEqual([1, 2]);
  expect(asked).toEqual(["GET /jobs/7/events?after=0"]);
  await vi.waitFor(() => expect(stream.cancelled).toBe(true));
});

test("a stream that ends before its job goes on behind the last line, with the next sidecar", async () => {
  const first = eventStream();
  const second = eventStream();
  const answers = [first.response, Response.json(problem("unavailable"), { status: 503 }), second.response];
  const { asked } = answering(() => answers.shift() ?? Response.error());
  first.send({ job: jobOf({ state: "running" }), logs: [logOf(1), logOf(2)] });
  first.end();
  second.send({ job: jobOf({ state: "interrupted" }), logs: [logOf(3)] });
  const states: string[] = [];
  for await (const { job } of watchJob("7")) states.push(job.state);
  expect(states).toEqual(["running", "interrupted"]);
  expect(asked).toEqual([
    "GET /jobs/7/events?after=0",
    "GET /jobs/7/events?after=2",
    "GET /jobs/7/events?after=2",
  ]);
});

test("a stream that a crash breaks off goes on too", async () => {
  const first = eventStream();
  const answers = [first.response];
  const second = eventStream();
  const asked: string[] = [];
  const sidecar = mockSidecar({
    handler: ({ url }) => {
      asked.push(url);
      return answers.shift() ?? second.response;
    },
  });
  first.send({ job: jobOf({ state: "running" }), logs: [] });
  const watching = watchJob("7");
  expect((await watching.next()).value?.job.state).toBe("running");
  const next = watching.next();
  sidecar.crash();
  sidecar.recover();
  second.send({ job: jobOf({ state: "done" }), logs: [] });
  expect((await next).value?.job.state).toBe("done");
  expect(asked).toHaveLength(2);
});

test("a job that is not there ends the watch with its error", async () => {
  answering(() => Response.json(problem("not_found", "there is no job"), { status: 404 }));
  await expect(watchJob("7").next()).rejects.toThrow(BridgeError);
});

test.each(["while a stream is open", "in the pause after it"])(
  "a signal ends the watch, %s",
  async (when) => {
    const stream = eventStream();
    answering(() => stream.response);
    stream.send({ job: jobOf({ state: "running" }), logs: [] });
    const over = new AbortController();
    const watching = watchJob("7", { signal: over.signal });
    await watching.next();
    if (when === "in the pause after it") stream.end();
    const next = watching.next();
    over.abort(new Error("enough"));
    await expect(next).rejects.toThrow("enough");
  },
);

test("many jobs are one stream of what has changed", async () => {
  const stream = eventStream();
  const { asked } = answering(() => stream.response);
  const old = jobOf({ id: "1", state: "done" });
  stream.send({ ids: ["2", "1"], jobs: [jobOf({ id: "2", state: "queued" }), old] });
  stream.send({ ids: ["3", "2"], jobs: [jobOf({ id: "3" }), jobOf({ id: "2", state: "running" })] });
  stream.send({ ids: ["3", "2"], jobs: [] });
  const watching = watchJobs({ name: "train", limit: 2 });
  const next = async () => (await watching.next()).value?.map(({ id, state }) => `${id} ${state}`);
  expect(await next()).toEqual(["2 queued", "1 done"]);
  expect(await next()).toEqual(["3 queued", "2 running"]);
  expect(await next()).toEqual(["3 queued", "2 running"]);
  await watching.return();
  expect(asked).toEqual(["GET /jobs/events?name=train&limit=2"]);
  await vi.waitFor(() => expect(stream.cancelled).toBe(true));
});
