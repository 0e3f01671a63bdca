import { BridgeError, localProblem } from "../wire/error.js";
import { callThrough } from "../wire/tauri.js";
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

/**
 * Connects this worker with a page that calls {@link serveWorker}, and resolves when `fetch`, events, WebSockets and all else of
 * this package reach the sidecars through that page:
 *
 * ```ts
 * await connectPage();
 * const rows = await (await fetch("/rows")).json();
 * ```
 *
 * Call it before the worker listens to messages of its own: then its listeners see none of the package's.
 *
 * A `SharedWorker` connects each of its pages, `onconnect = ({ ports: [port] }) => connectPage(port)`, and calls through the one
 * that has come last. When that is left, what is under way fails, and further calls go through another page.
 *
 * Code that runs in a page after all, as a worker's module does under the test kit, needs no page: then this resolves at once.
 *
 * @param page The port of a page of a `SharedWorker`. Default: the page of this worker.
 */
export function connectPage(page: Peer = globalThis as unknown as Peer): Promise<void> {
  if (page === globalThis && typeof window !== "undefined") return Promise.resolve();
  return new Promise((resolve) => {
    const others = waiting.get(page);
    if (others) others.push(resolve);
    else takeGreetings(page, [resolve]);
    page.start?.();
    page.postMessage({ [MARK]: "ask" } satisfies Greeting, []);
  });
}

/** Who waits for the greeting of a page, by the page. */
const waiting = new WeakMap<Peer, (() => void)[]>();

/** Takes all greetings of a page: a page greets twice when the worker came first, and the app shall see neither. */
function takeGreetings(page: Peer, whoWait: (() => void)[]): void {
  waiting.set(page, whoWait);
  page.addEventListener("message", (event) => {
    const greeting = greetingOf(event);
    if (greeting?.[MARK] !== "serve" || whoWait.length === 0) return;
    if (greeting.port) add(greeting.port);
    for (const resolve of whoWait.splice(0)) resolve();
  });
}

/** The pages through which calls can go, the last one first. */
const pages: PagePort[] = [];

function add(port: MessagePort): void {
  const page = new PagePort(port, () => pages.splice(pages.indexOf(page), 1));
  pages.unshift(page);
  callThrough((command, args) => {
    const [last] = pages;
    return last ? last.invoke(command, args) : Promise.reject(left());
  });
}

function left(): BridgeError {
  const detail = "the page that served this worker was left, or serves it no more; connect another one";
  return new BridgeError(localProblem("cancelled", detail));
}

/** A page that makes calls. */
class PagePort {
  readonly #port: MessagePort;
  readonly #calls = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (reason: unknown) => void }
  >();
  #count = 0;
  /** Lets go of the lock by which the page knows that this worker is there. */
  #release = () => {};

  constructor(port: MessagePort, over: () => void) {
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<Answer>) => {
      if (data.id === null) {
        over();
        this.#release();
        for (const { reject } of this.#calls.values()) reject(left());
        this.#calls.clear();
        return;
      }
      const call = this.#calls.get(data.id);
      this.#calls.delete(data.id);
      if ("value" in data) call?.resolve(data.value);
      else call?.reject(data.reason);
    };
    this.#hold();
  }

  /** Holds a lock until the page is left, and tells the page. */
  #hold(): void {
    const locks = globalThis.navigator?.locks;
    if (!locks) return;
    const lock = crypto.randomUUID();
    const held = () =>
      new Promise<void>((resolve) => {
        this.#release = resolve;
        this.#port.postMessage({ lock } satisfies Held);
      });
    locks.request(lock, held).catch(() => {});
  }

  invoke(command: string, args?: unknown): Promise<unknown> {
    const id = ++this.#count;
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      this.#port.postMessage({ id, command, args } satisfies Call, memoryOf(args));
    });
  }
}
