import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { vi } from "vitest";
import type { FetchRequest, FetchResponse, Problem } from "../src/bindings.js";
import { decodeFrame, encodeFrame } from "../src/frame.js";

/** Gives a test what a page of a packaged app has: a window, and an address. */
export function openWindow(href = "tauri://localhost/index.html"): void {
  vi.stubGlobal("window", globalThis);
  vi.stubGlobal("location", { href });
}

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
  mockIPC(async (command, frame) => {
    if (command !== "plugin:sidecar-bridge|fetch") throw `Command ${command} not found`;
    const { head, body } = decodeFrame<FetchRequest>(frame as unknown as Uint8Array<ArrayBuffer>);
    received.push({ ...head, body });
    const { status = 200, headers = [], body: reply = new Uint8Array() } = await answer({ ...head, body });
    return encodeFrame({ head: { status, headers }, body: reply }).buffer;
  });
  return received;
}

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
