// @vitest-environment jsdom
import { afterEach, describe, expect, test, vi } from "vitest";
import rows from "../../../tests/outcomes.json" with { type: "json" };
import { BridgeError, fetch, status, waitReady } from "../../src/index.js";
import { closeSidecars, mockSidecar, problem } from "../../src/testing/index.js";
import { toBridgeError } from "../../src/wire/error.js";

/** Everything that can become of a request, for all languages and test kits. */
interface Outcome {
  name: string;
  code: string;
  retryable: boolean;
  toldBy: string[];
}

const outcomes: Outcome[] = rows;

type Causes = Record<string, () => unknown>;

/** What the page makes of the host's problems, and its own. */
const page: Causes = {
  stopped() {
    mockSidecar({ state: { phase: "stopped" } });
    return waitReady();
  },
  "never ready"() {
    const reason = problem("deadline_exceeded", "it never served", { retryable: true });
    mockSidecar({ state: { phase: "failed", problem: reason, exit: null } });
    return waitReady();
  },
  "too many wait": () =>
    Promise.reject(toBridgeError(problem("resource_exhausted", "", { retryable: true }))),
  cancelled: () => Promise.reject(toBridgeError(problem("cancelled"))),
  "not granted": () => Promise.reject(toBridgeError("sidecar-bridge.fetch not allowed by ACL")),
  fault: () => Promise.reject(toBridgeError(new TypeError("no such pipe"))),
  "no app": () => status(),
};

/** Fetches from a sidecar whose handler throws this. */
function throwing(thrown: unknown): () => unknown {
  return () => {
    mockSidecar({
      handler: () => {
        throw thrown;
      },
    });
    return fetch("/");
  };
}

/** Fetches from a sidecar that answers nothing. */
function pending() {
  let come = () => {};
  const came = new Promise<void>((resolve) => {
    come = resolve;
  });
  const sidecar = mockSidecar({
    handler: () => {
      come();
      return new Promise<Response>(() => {});
    },
  });
  return { sidecar, came, answer: fetch("/", { method: "POST", body: "order" }) };
}

const kit: Causes = {
  stopped() {
    mockSidecar({ state: { phase: "stopped" } });
    return fetch("/");
  },
  async "broke off"() {
    const { sidecar, came, answer } = pending();
    await came;
    sidecar.crash();
    return answer;
  },
  async "broke off in the answer"() {
    const body = new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array(3)) });
    const sidecar = mockSidecar({ handler: () => new Response(body) });
    const response = await fetch("/");
    const text = response.text();
    sidecar.crash();
    return text;
  },
  async cancelled() {
    const { sidecar, came, answer } = pending();
    await came;
    mockSidecar({ name: "another" });
    sidecar.close();
    return answer;
  },
  "body too large": throwing(problem("resource_exhausted")),
  malformed: throwing(problem("invalid_argument")),
  "not granted": throwing(problem("permission_denied")),
  unknown() {
    mockSidecar();
    return fetch("/", { sidecar: "nobody" });
  },
  fault: throwing(new Error("a bug")),
};

afterEach(closeSidecars);

describe.each([
  ["typescript", page],
  ["mockSidecar", kit],
])("%s", (teller, causes) => {
  const told = outcomes.filter(({ toldBy }) => toldBy.includes(teller));

  test("has a cause for each outcome", () => {
    expect(Object.keys(causes).sort()).toEqual(told.map(({ name }) => name).sort());
  });

  test.each(told)("$name: retryable is $retryable", async ({ name, code, retryable }) => {
    const error = await Promise.resolve(causes[name]?.()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(BridgeError);
    expect(error).toMatchObject({ code, retryable, problem: { retryable } });
  });
});

test("what still waits when the sidecar falls over was not sent, and waits on", async () => {
  const sidecar = mockSidecar({
    state: { phase: "starting", activity: null },
    handler: () => new Response("served"),
  });
  const answer = fetch("/");
  // So that the request is with the host.
  await vi.waitFor(async () => expect((await status()).state.phase).toBe("starting"));
  sidecar.crash();
  sidecar.recover();
  expect(await (await answer).text()).toBe("served");
});
