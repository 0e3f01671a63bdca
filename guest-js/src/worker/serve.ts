import { decodeFrame } from "../wire/frame.js";
import { inTauri, invoke } from "../wire/tauri.js";
import type { ConnectRequest, FetchRequest, FetchResponse } from "../wire/types.js";
import {
  type Answer,
  type Call,
  type Greeting,
  greetingOf,
  type Held,
  MARK,
  memoryOf,
  type Peer,
} from "./peer.js";

const PREFIX = "plugin:sidecar-bridge|";

/**
 * Lets a worker reach the sidecars as this page does, with all of this package:
 *
 * ```ts
 * const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
 * serveWorker(worker); // in worker.ts: await connectPage(), then fetch
 * ```
 *
 * The page makes the worker's calls, so the host judges them as calls of the page's window. The worker gets no other command
 * than those of this plugin. In a plain browser the worker reaches a sidecar by itself, as the page does.
 *
 * Call it before you listen to the worker's messages: then your listeners see none of the package's.
 *
 * @param worker A `Worker`, or the `port` of a `SharedWorker`.
 *
 * Returns a function that ends this, and all that the worker has under way. That ends with the worker, too, in webviews with
 * Web Locks, which are all but very old ones.
 */
export function serveWorker(worker: Peer): () => void {
  const ends = new Set<() => void>();
  const greet = () => {
    let port: MessagePort | null = null;
    if (inTauri()) {
      const channel = new MessageChannel();
      ends.add(serve(channel.port1));
      port = channel.port2;
    }
    const greeting: Greeting = { [MARK]: "serve", port };
    worker.postMessage(greeting, port ? [port] : []);
  };
  // The worker asks when it is there. It may have asked before this call, so it is greeted unasked, too.
  const asked = (event: MessageEvent) => {
    if (greetingOf(event)?.[MARK] === "ask") greet();
  };
  const stop = () => {
    worker.removeEventListener("message", asked);
    globalThis.removeEventListener?.("pagehide", stop);
    for (const end of ends) end();
    ends.clear();
  };
  worker.addEventListener("message", asked);
  globalThis.addEventListener?.("pagehide", stop);
  worker.start?.();
  greet();
  return stop;
}

/** Makes the calls that come from a port, until the worker at its other end is gone; returns the function that ends them. */
function serve(port: MessagePort): () => void {
  const open = new Set<string>();
  const ended = new AbortController();
  const end = () => {
    ended.abort();
    port.postMessage({ id: null } satisfies Answer);
    port.close();
    for (const exchange of open) invoke(`${PREFIX}cancel`, { exchange }).catch(() => {});
    open.clear();
  };
  port.onmessage = async ({ data }: MessageEvent<Call | Held>) => {
    if ("lock" in data) {
      // Given once the worker holds it no more.
      globalThis.navigator?.locks?.request(data.lock, { signal: ended.signal }, end).catch(() => {});
      return;
    }
    const { id, command, args } = data;
    let answer: Answer;
    let exchange: string | null = null;
    try {
      if (!command.startsWith(PREFIX)) throw `${command} is not allowed for a worker; call it in the page`;
      const name = command.slice(PREFIX.length);
      exchange = exchangeOf(name, args);
      if (exchange !== null && BEGINNINGS.includes(name)) open.add(exchange);
      const value = await invoke(command, args);
      if (exchange !== null && isOver(name, value)) open.delete(exchange);
      answer = { id, value };
    } catch (reason) {
      if (exchange !== null) open.delete(exchange);
      answer = { id, reason };
    }
    port.postMessage(answer, "value" in answer ? memoryOf(answer.value) : []);
  };
  return end;
}

/** The commands that begin an exchange. */
const BEGINNINGS = ["fetch", "connect", "next_status"];

/** The exchange that ends where a command fails. */
function exchangeOf(command: string, args: unknown): string | null {
  if (command === "fetch") return decodeFrame<FetchRequest>(args as Uint8Array<ArrayBuffer>).head.exchange;
  if (command === "connect") return (args as { request: ConnectRequest }).request.exchange;
  return ["next_status", "read", "cancel"].includes(command) ? (args as { exchange: string }).exchange : null;
}

/** Whether a command has ended its exchange with that answer. */
function isOver(command: string, value: unknown): boolean {
  if (command === "next_status" || command === "cancel") return true;
  if (!(value instanceof ArrayBuffer)) return false;
  if (command === "read") return new Uint8Array(value)[4] === 1;
  return command === "fetch" && !decodeFrame<FetchResponse>(new Uint8Array(value)).head.streams;
}
