import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { linesOf } from "../../src/fetch/lines.js";
import { BridgeError, fetch, jsonLines } from "../../src/index.js";
import type { Piece } from "../../src/wire/exchange.js";
import { decodeFrame, encodeFrame } from "../../src/wire/frame.js";
import { ReadAhead } from "../../src/wire/readahead.js";
import type { WriteRequest } from "../../src/wire/types.js";
import {
  ANSWER,
  bytes,
  closeWindow,
  type Deferred,
  deferred,
  mockHost,
  mockStream,
  openWindow,
  piece,
  text,
  unavailable,
} from "../window.js";

beforeEach(() => openWindow());
afterEach(closeWindow);

const never = () => new Promise<never>(() => {});

describe("a body that comes piece by piece", () => {
  test("is read to its end, first what came with the head", async () => {
    mockStream((nth) => (nth < 3 ? piece(nth, `piece ${nth} `) : piece(nth, "last", true)));
    expect(await (await fetch("/")).text()).toBe("first piece 0 piece 1 piece 2 last");
  });

  test("is asked for only when it is read", async () => {
    const { reads } = mockStream((nth) => piece(nth, "x"));
    const response = await fetch("/");
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(reads()).toBe(0);
    const reader = response.body?.getReader();
    expect(text((await reader?.read())?.value)).toBe("first ");
    expect(reads()).toBe(0);
    expect(text((await reader?.read())?.value)).toBe("x");
    expect(reads()).toBeLessThanOrEqual(3);
  });

  test("that is cancelled ends the exchange", async () => {
    const { cancelled } = mockStream(never);
    const response = await fetch("/");
    await response.body?.cancel();
    expect(cancelled).toHaveLength(1);
  });

  test("that is aborted ends the exchange, and fails with the reason", async () => {
    const { cancelled } = mockStream(never);
    const controller = new AbortController();
    const response = await fetch("/", { signal: controller.signal });
    const reading = response.text();
    controller.abort(new RangeError("enough"));
    await expect(reading).rejects.toThrow(RangeError);
    expect(cancelled).toHaveLength(1);
  });

  test("that breaks off fails with the problem", async () => {
    mockStream(() => Promise.reject(unavailable));
    const reading = (await fetch("/")).text();
    await expect(reading).rejects.toBeInstanceOf(BridgeError);
    await expect(reading).rejects.toMatchObject({ code: "unavailable" });
  });

  test("fails with the problem in its clones, too", async () => {
    mockStream(() => Promise.reject(unavailable));
    const response = await fetch("/");
    const [text, json] = [response.clone().text(), response.json()];
    await expect(text).rejects.toMatchObject({ code: "unavailable" });
    await expect(json).rejects.toMatchObject({ code: "unavailable" });
  });

  test("that has a reader is not read by another, also once it broke off", async () => {
    mockStream(() => Promise.reject(unavailable));
    const response = await fetch("/");
    const reader = response.body?.getReader();
    await reader?.read();
    await expect(reader?.read()).rejects.toMatchObject({ code: "unavailable" });
    await expect(response.text()).rejects.toBeInstanceOf(TypeError);
  });

  test("of a HEAD is not asked for at all", async () => {
    const { cancelled } = mockStream(never);
    const response = await fetch("/", { method: "HEAD" });
    expect([response.body, cancelled.length]).toEqual([null, 1]);
  });
});

describe("a body in a coding", () => {
  const coded = (coding: string, body: Uint8Array<ArrayBuffer>) => {
    const head = { ...ANSWER, headers: [["content-encoding", coding]] };
    mockHost({ fetch: () => encodeFrame({ head, body }).buffer });
    return fetch("/");
  };
  const packed = async (text: string, ...formats: CompressionFormat[]) => {
    let stream = new Response(text).body as ReadableStream<Uint8Array<ArrayBuffer>>;
    for (const format of formats) stream = stream.pipeThrough(new CompressionStream(format));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  };

  test.each<[string, CompressionFormat[]]>([
    ["gzip", ["gzip"]],
    ["X-Gzip", ["gzip"]],
    ["deflate", ["deflate"]],
    ["deflate", ["deflate-raw"]],
    ["deflate, gzip", ["deflate", "gzip"]],
    ["identity", []],
  ])("of %s, made by %j, is undone", async (coding, formats) => {
    const response = await coded(coding, await packed("grown ".repeat(99), ...formats));
    expect(await response.text()).toBe("grown ".repeat(99));
  });

  test("may have no bytes at all", async () => {
    expect(await (await coded("gzip", new Uint8Array())).text()).toBe("");
  });

  test("that no webview undoes is never read as text", async () => {
    const response = await coded("br", bytes("undecoded"));
    const names = "a body in the coding `br` cannot be read; answer in one that Accept-Encoding names";
    await expect(response.text()).rejects.toThrow(names);
  });
});

describe("pieces that are asked for several at once", () => {
  /** Reads that are answered by hand. */
  const byHand = () => {
    const waiting: Deferred<Piece>[] = [];
    const read = () => {
      const answer = deferred<Piece>();
      waiting.push(answer);
      return answer.promise;
    };
    return { read, waiting };
  };
  const some = (number: number, last = false): Piece => ({ number, bytes: bytes(`${number}`), last });

  test("come in order, whatever order the answers have", async () => {
    const { read, waiting } = byHand();
    const pieces = new ReadAhead({ read }, 2);
    const first = pieces.next();
    expect(waiting).toHaveLength(2);
    waiting[1]?.resolve(some(1));
    waiting[0]?.resolve(some(0));
    expect((await first).number).toBe(0);
    expect((await pieces.next()).number).toBe(1);
  });

  test("are not asked for beyond the last", async () => {
    const { read, waiting } = byHand();
    const pieces = new ReadAhead({ read }, 2);
    const first = pieces.next();
    waiting[0]?.resolve(some(0, true));
    expect((await first).last).toBe(true);
    expect(waiting).toHaveLength(2);
  });

  test("fail with the cause, after what came before it", async () => {
    const { read, waiting } = byHand();
    const pieces = new ReadAhead({ read }, 2);
    const first = pieces.next();
    waiting[1]?.reject(new BridgeError({ ...unavailable, code: "cancelled" }));
    waiting[0]?.resolve(some(0));
    expect((await first).number).toBe(0);
    await expect(pieces.next()).rejects.toMatchObject({ code: "cancelled" });

    const other = byHand();
    const others = new ReadAhead({ read: other.read }, 2);
    const broken = others.next();
    other.waiting[1]?.reject(new BridgeError({ ...unavailable, code: "cancelled" }));
    other.waiting[0]?.reject(new BridgeError(unavailable));
    await expect(broken).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("a body that goes piece by piece", () => {
  /** Takes what is written, and answers once the last piece has come. */
  const taking = (take: (body: Uint8Array) => void | Promise<void> = () => {}) => {
    const written: { last: boolean; length: number }[] = [];
    const cancelled: unknown[] = [];
    const done = deferred<void>();
    mockHost({
      async fetch() {
        await done.promise;
        return encodeFrame({ head: ANSWER, body: bytes("taken") }).buffer;
      },
      async write(frame) {
        const { head, body } = decodeFrame<WriteRequest>(frame as Uint8Array<ArrayBuffer>);
        await take(body);
        written.push({ last: head.last, length: body.length });
        if (head.last) done.resolve();
      },
      cancel: (args) => cancelled.push(args),
    });
    return { written, cancelled, answer: done.resolve };
  };
  const PIECE = 512 * 1024;

  test.each<[string, BodyInit]>([
    ["bytes", new Uint8Array(PIECE + 1)],
    ["a Blob", new Blob([new Uint8Array(PIECE + 1)])],
  ])("is what many %s are", async (_, body) => {
    const { written } = taking();
    expect(await (await fetch("/", { method: "POST", body })).text()).toBe("taken");
    expect(written).toEqual([
      { last: false, length: PIECE },
      { last: false, length: 1 },
      { last: true, length: 0 },
    ]);
  });

  test("is what a stream is, whose next chunk waits for room", async () => {
    let pulled = 0;
    const stream = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          if (pulled++ === 5) controller.close();
          else controller.enqueue(bytes("chunk"));
        },
      },
      { highWaterMark: 0 },
    );
    const { written } = taking(() => expect(pulled).toBeLessThanOrEqual(written.length + 1));
    await fetch("/", { method: "POST", body: stream });
    expect(written.filter(({ length }) => length > 0)).toHaveLength(5);
  });

  test("that breaks off fails the request with its error, and ends the exchange", async () => {
    const { cancelled } = taking();
    const stream = new ReadableStream({ pull: (controller) => controller.error(new RangeError("gone")) });
    await expect(fetch("/", { method: "POST", body: stream })).rejects.toThrow(RangeError);
    expect(cancelled).toHaveLength(1);
  });

  test("must give bytes", async () => {
    taking();
    const stream = new Response("x").body?.pipeThrough(new TextDecoderStream());
    await expect(fetch("/", { method: "POST", body: stream as ReadableStream })).rejects.toThrow(
      "a body stream gave string; make it give Uint8Array chunks",
    );
  });

  test("is given up when the sidecar has answered, or the page aborts", async () => {
    const cancel = vi.fn();
    const endless = () => new ReadableStream({ pull: never, cancel }, { highWaterMark: 0 });
    const { answer } = taking();
    const early = fetch("/", { method: "POST", body: endless() });
    answer();
    expect(await (await early).text()).toBe("taken");
    expect(cancel).toHaveBeenCalledTimes(1);

    taking();
    const signal = AbortSignal.timeout(5);
    await expect(fetch("/", { method: "POST", body: endless(), signal })).rejects.toMatchObject({
      name: "TimeoutError",
    });
    expect(cancel).toHaveBeenCalledTimes(2);
  });
});

describe("lines", () => {
  const chunked = (...chunks: string[]) =>
    new ReadableStream<Uint8Array>({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(bytes(chunk));
        controller.close();
      },
    });
  const all = async (...chunks: string[]) => {
    const lines = [];
    for await (const line of linesOf(chunked(...chunks), true)) lines.push(line);
    return lines;
  };

  test("end with CR, LF or both, however they are cut", async () => {
    const whole = "a\nb\r\nc\rd\n\n\u00fc\r";
    const expected = ["a", "b", "c", "d", "", "\u00fc"];
    expect(await all(whole)).toEqual(expected);
    expect(await all(...whole)).toEqual(expected);
    expect(await all("no end")).toEqual(["no end"]);
    expect(await all("")).toEqual([]);
  });

  test("that have not ended are none, unless they are wanted", async () => {
    const lines = linesOf(chunked("a\nno end"), false);
    expect([await lines.next(), await lines.next()]).toEqual([
      { done: false, value: "a" },
      { done: true, value: undefined },
    ]);
  });

  test("end with a CR at once, whatever follows it", async () => {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(bytes("a\r")),
    });
    expect(await linesOf(body, true).next()).toEqual({ done: false, value: "a" });
  });

  test("take a time that grows with their length, and not with its square", async () => {
    const millis = async (kilobytes: number) => {
      const begun = performance.now();
      await all(...Array.from({ length: kilobytes }, () => "x".repeat(1024)));
      return performance.now() - begun;
    };
    await millis(1000);
    const [short, long] = [await millis(2000), await millis(16_000)];
    expect(long).toBeLessThan(8 * 4 * short);
  });

  test("of JSON are values, and blank ones nothing", async () => {
    const values = [];
    for await (const value of jsonLines<{ n: number }>(new Response('{"n":1}\n\n  \n{"n":2}')))
      values.push(value.n);
    expect(values).toEqual([1, 2]);
    await expect(jsonLines(new Response("{")).next()).rejects.toThrow(SyntaxError);
  });

  test("that nobody wants any more end the stream", async () => {
    const cancel = vi.fn();
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(bytes('"x"\n')), cancel });
    for await (const value of jsonLines(new Response(endless))) {
      expect(value).toBe("x");
      break;
    }
    expect(cancel).toHaveBeenCalledOnce();
  });
});
