import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { vi } from "vitest";
import { decodeFrame, encodeFrame } from "../src/wire/frame.js";
import type { FetchRequest, FetchResponse, Problem } from "../src/wire/types.js";

/** Gives a test what a page of a packaged app has: a window, and an address. */
export function openWindow(href = "tauri://localhost/index.html"): void {
  vi.stubGlobal("window", globalThis);
  vi.stubGlobal("location", { href });
  vi.stubGlobal("navigator", { userAgent: "webview", languages: ["de-AT", "en"] });
}

/** What `fetch` sends unasked. */
export const UNASKED: [string, string][] = [
  ["accept", "*/*"],
  ["accept-encoding", "gzip, deflate"],
  ["user-agent", "webview"],
  ["accept-language", "de-AT,en;q=0.9"],
];

export function closeWindow(): void {
  clearMocks();
  vi.unstubAllGlobals();
  Reflect.deleteProperty(globalThis, "__TAURI_INTERNALS__");
}

export type Sent = FetchRequest & { body: Uint8Array<ArrayBuffer> };
type Answer = Partial<FetchResponse> & { body?: Uint8Array<ArrayBuffer> };

/** Stands in for host and sidecar: records each request that arrives and answers it. */
export function mockSidecar(answer: (sent: Sent) => Answer | Promise<Answer> = () => ({})): Sent[] {
  const received: Sent[] = [];
  mockHost({
    async fetch(frame) {
      const { head, body } = decodeFrame<FetchRequest>(frame as Uint8Array<ArrayBuffer>);
      received.push({ ...head, body });
      const { body: reply = new Uint8Array(), ...answered } = await answer({ ...head, body });
      return encodeFrame({ head: { ...ANSWER, ...answered }, body: reply }).buffer;
    },
  });
  return received;
}

export const ANSWER: FetchResponse = {
  status: 200,
  statusText: "",
  headers: [],
  origin: "http://localhost",
  streams: false,
};

/** Stands in for the host: its commands by name. */
export function mockHost(commands: Record<string, (args: unknown) => unknown>): void {
  mockIPC((command, args) => {
    const answer = commands[command.replace("plugin:sidecar-bridge|", "")];
    if (answer === undefined) throw `Command ${command} not found`;
    return answer(args);
  });
}

/**
 * A sidecar whose answer comes piece by piece; `read` gives what the host would. Tells which exchange was cancelled.
 */
export function mockStream(
  read: (nth: number) => Uint8Array | Promise<Uint8Array>,
  answer: Partial<FetchResponse> = {},
  first = "first ",
): { cancelled: string[]; reads: () => number } {
  const cancelled: string[] = [];
  let reads = 0;
  mockHost({
    fetch: () => encodeFrame({ head: { ...ANSWER, ...answer, streams: true }, body: bytes(first) }).buffer,
    read: async () => new Uint8Array(await read(reads++)).buffer,
    cancel: (args) => cancelled.push((args as { exchange: string }).exchange),
  });
  return { cancelled, reads: () => reads };
}

export const piece = (number: number, content: string, last = false) =>
  Uint8Array.of(0, 0, 0, number, last ? 1 : 0, ...bytes(content));

export const bytes = (text: string) => new TextEncoder().encode(text);
export const text = (body: Uint8Array | undefined) => new TextDecoder().decode(body);

export const unavailable: Problem = {
  type: "about:blank",
  title: "unavailable",
  status: 503,
  detail: "sidecar `python` is starting; try again",
  instance: "urn:uuid:0197",
  code: "unavailable",
  retryable: true,
};

/** A promise that is settled from outside. */
export interface Deferred<T> {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (reason: unknown) => void;
}

export function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((...settle) => {
    [resolve, reject] = settle;
  });
  return { promise, resolve, reject };
}
