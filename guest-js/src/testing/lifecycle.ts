import type { Exit, OutputLine, OutputStream, Problem, State, Status } from "../wire/types.js";
import { problem } from "./problem.js";

const FIRST_PID = 4711;

/** The status and the log of a sidecar without a process, and the requests that wait until the sidecar serves. */
export class Lifecycle {
  /** All statuses so far, by their revision. */
  readonly #statuses: [Status, ...Status[]];
  readonly lines: OutputLine[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(name: string, state: State) {
    this.#statuses = [{ sidecar: name, revision: 0, generation: 1, state, warning: null }];
  }

  /** The status with all that is known of the sidecar. */
  get status(): Status {
    return this.#statuses.at(-1) ?? this.#statuses[0];
  }

  /** Waits for the status after the one of that revision. None is left out, so that a page of a test sees each. */
  async next(revision: number): Promise<Status> {
    for (;;) {
      const next = this.#statuses[revision + 1];
      if (next) return next;
      await this.#nextChange(null);
    }
  }

  /** Changes the status. Who waits for a change goes on after this returns. */
  change(change: Partial<Status>): void {
    this.#statuses.push({ ...this.status, ...change, revision: this.#statuses.length });
    for (const wake of [...this.#waiting]) wake();
  }

  /**
   * Waits until the sidecar serves. Rejects like the host: after `waitMs`, and when the sidecar will not start by
   * itself.
   */
  async serves(waitMs: number | null): Promise<void> {
    const until = waitMs === null ? null : Date.now() + waitMs;
    for (;;) {
      const { phase } = this.status.state;
      if (phase === "ready" || phase === "unresponsive") return;
      const willServe = phase === "starting" || phase === "restarting";
      const leftMs = until === null ? null : until - Date.now();
      if (!willServe || (leftMs !== null && leftMs <= 0)) throw this.#unavailable(phase);
      await this.#nextChange(leftMs);
    }
  }

  /** Starts a sidecar that was stopped or has failed. */
  start(): void {
    const { phase } = this.status.state;
    if (phase === "stopped" || phase === "failed") this.#begin();
  }

  /** Ends the sidecar until it is started again. */
  stop(): void {
    this.change({ state: { phase: "stopping" } });
    this.change({ state: { phase: "stopped" } });
  }

  /** Ends the sidecar, and starts the next generation. */
  restart(): void {
    this.change({ state: { phase: "restarting", problem: null, exit: null } });
    this.#begin();
  }

  /** Ends the sidecar like a process that crashes. */
  crash(reason: Problem, exit: Exit): void {
    this.change({ state: { phase: "restarting", problem: reason, exit } });
  }

  /** Starts the next generation, which serves at once. */
  recover(): void {
    this.#begin();
  }

  /** Adds a line to the log. */
  log(text: string, stream: OutputStream): void {
    const { generation } = this.status;
    this.lines.push({ sequence: this.lines.length + 1, generation, atMs: Date.now(), stream, text });
  }

  #begin(): void {
    const generation = this.status.generation + 1;
    this.change({ generation, state: { phase: "starting", activity: null } });
    this.change({ state: { phase: "ready", pid: FIRST_PID + generation } });
  }

  #nextChange(withinMs: number | null): Promise<void> {
    return new Promise((resolve) => {
      const timer = withinMs === null ? undefined : setTimeout(() => wake(), withinMs);
      const wake = () => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
    });
  }

  #unavailable(phase: string): Problem {
    return problem("unavailable", `sidecar \`${this.status.sidecar}\` is ${phase}; try again when it serves`);
  }
}

/** What a page sees of a status without the permission to read the log, like `Status::for_pages` of the plugin. */
export function forPages(status: Status): Status {
  const { state, spare } = status;
  if (spare?.reason !== undefined) {
    const { reason: _, ...open } = spare;
    return forPages({ ...status, spare: open });
  }
  if (state.phase !== "restarting" && state.phase !== "failed") return status;
  const { details: _, exit, ...open } = state;
  return { ...status, state: { ...open, exit: exit && { ...exit, stderr: [] } } as State };
}

/** The state of a sidecar that serves. */
export const ready: State = { phase: "ready", pid: FIRST_PID };
