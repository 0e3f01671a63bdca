/** Marks the two messages over which a page and its worker meet, among those of the app. */
export const MARK = "tauri-plugin-sidecar-bridge";

/** Where a page and its worker meet: a `Worker` or the port of a `SharedWorker`; in the worker, its own scope or that port. */
export interface Peer {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
  removeEventListener(type: "message", listener: (event: MessageEvent) => void): void;
  start?(): void;
}

/** The worker asks; the page gives a port for calls, or none where the worker reaches a sidecar as the page itself does. */
export type Greeting = { [MARK]: "ask" } | { [MARK]: "serve"; port: MessagePort | null };

/** A call that the page makes for its worker. */
export interface Call {
  id: number;
  command: string;
  args?: unknown;
}

/**
 * The name of a lock that the worker holds while it is there. The page waits for that lock: no other sign tells a page that
 * its worker has ended.
 */
export interface Held {
  lock: string;
}

/** What became of a call; an answer without an id says that the page is left and answers no more. */
export type Answer = { id: number; value: unknown } | { id: number; reason: unknown } | { id: null };

/** The greeting in a message, which no listener that was added later sees; null in one of the app's own. */
export function greetingOf(event: MessageEvent): Greeting | null {
  const { data } = event;
  if (typeof data !== "object" || data === null || !(MARK in data)) return null;
  event.stopImmediatePropagation();
  return data as Greeting;
}

/** The memory that a message hands over instead of a copy. */
export function memoryOf(value: unknown): ArrayBuffer[] {
  if (value instanceof ArrayBuffer) return [value];
  return value instanceof Uint8Array && value.buffer instanceof ArrayBuffer ? [value.buffer] : [];
}
