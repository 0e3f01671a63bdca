import { Channel, invoke as invokeHere } from "@tauri-apps/api/core";
import { BridgeError, localProblem } from "./error.js";

/** Calls a command, as Tauri's `invoke` does. */
export type Invoke = (command: string, args?: unknown) => Promise<unknown>;

/** The way of a worker to the host, which leads through a page; null in pages. */
let through: Invoke | null = null;

/** Makes all calls from now on through a page. */
export function callThrough(invoke: Invoke): void {
  through = invoke;
}

/** Whether this code can call the host: in a Tauri window, and in a worker that a page in one serves. */
export function inTauri(): boolean {
  return through !== null || (typeof window !== "undefined" && "__TAURI_INTERNALS__" in window);
}

/** Calls a command of the host. */
export function invoke<T>(command: string, args?: unknown): Promise<T> {
  if (through !== null) return through(command, args) as Promise<T>;
  return invokeHere<T>(command, args as Parameters<typeof invokeHere>[1]);
}

/** An argument to which the host sends messages. Throws as {@link inPageOnly} does in a worker, which has no such arguments. */
export function channel<T>(tell: (message: T) => void): Channel<T> {
  inPageOnly();
  return new Channel(tell);
}

/** Throws a {@link BridgeError} in a worker, which has no arguments that the host sends messages to, and shows no dialog. */
export function inPageOnly(): void {
  if (through === null) return;
  const detail = "a worker neither saves nor sends files of the disk; call download and upload in the page";
  throw new BridgeError(localProblem("failed_precondition", detail));
}
