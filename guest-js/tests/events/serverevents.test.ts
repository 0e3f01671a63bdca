import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { events, fetch, type ServerEvent } from "../../src/index.js";
import { bytes, closeWindow, mockSidecar, mockStream, openWindow, piece } from "../window.js";

beforeEach(() => openWindow());
afterEach(closeWindow);

const headers: [string, string][] = [["content-type", "text/event-stream; charset=utf-8"]];

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const seen: T[] = [];
  for await (const item of items) seen.push(item);
  return seen;
}

test("events come with their names, their data and the last id, of a POST too", async () => {
  const text = [
    ": ping",
    'data: {"n":',
    "data: 1}",
    "",
    "event: step",
    "id: 7",
    'data: "two"',
    "retry: 5",
    "",
    "data: null",
    "",
    "data: 4",
  ].join("\n");
  const sent = mockSidecar(() => ({ headers, body: bytes(text) }));
  const response = await fetch("/chat", { method: "POST", body: "question" });
  expect(await all(events(response))).toEqual([
    { type: "message", data: { n: 1 }, lastEventId: "" },
    { type: "step", data: "two", lastEventId: "7" },
    { type: "message", data: null, lastEventId: "7" },
  ]);
  expect(sent[0]?.method).toBe("POST");
});

test("a function of the page reads what is no JSON, and gives the type", async () => {
  mockSidecar(() => ({ headers, body: bytes("data: [DONE]\n\ndata: 2\n\n") }));
  const lengths: AsyncGenerator<ServerEvent<number>> = events(await fetch("/"), ({ length }) => length);
  expect((await all(lengths)).map(({ data }) => data)).toEqual([6, 1]);
});

test("each event comes when it is whole, and the end of the loop ends the request", async () => {
  const host = mockStream(
    (nth) => (nth < 2 ? piece(nth, `data: ${nth}\n\n`) : new Promise(() => {})),
    { headers },
    "",
  );
  const seen: number[] = [];
  for await (const { data } of events<number>(await fetch("/"))) {
    seen.push(data);
    if (data === 1) break;
  }
  expect(seen).toEqual([0, 1]);
  await vi.waitFor(() => expect(host.cancelled).toHaveLength(1));
});

test("data that cannot be read ends the request, and the loop with the error", async () => {
  const host = mockStream(() => new Promise(() => {}), { headers }, "data: {\n\n");
  await expect(all(events(await fetch("/")))).rejects.toBeInstanceOf(SyntaxError);
  await vi.waitFor(() => expect(host.cancelled).toHaveLength(1));
});

test("an abort ends the loop with its reason", async () => {
  mockStream(() => new Promise(() => {}), { headers }, "data: 1\n\n");
  const controller = new AbortController();
  const reading = events(await fetch("/", { signal: controller.signal }));
  expect((await reading.next()).value?.data).toBe(1);
  controller.abort(new RangeError("enough"));
  await expect(reading.next()).rejects.toThrow("enough");
});

test("an answer without a body has no events, and one of another type is an error", async () => {
  mockSidecar(() => ({ status: 204 }));
  expect(await all(events(await fetch("/")))).toEqual([]);
  const refusal: [string, string][] = [["content-type", "application/json"]];
  mockSidecar(() => ({ status: 422, headers: refusal, body: bytes("{}") }));
  await expect(all(events(await fetch("/")))).rejects.toThrow(
    "an answer with status 422 and type application/json has no events",
  );
});
