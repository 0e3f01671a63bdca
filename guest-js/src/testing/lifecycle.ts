import { emit } from "@tauri-apps/api/event";
import type { Exit, OutputLine, OutputStream, Problem, State, Status } from "../wire/types.js";
import { problem } from "./problem.js";

const CHANGED = "plugin:sidecar-bridge:status-changed";
const FIRST_PID = 4711;

/** The status and the log of a sidecar without a process, and the requests that wait until the sidecar serves. */
export class Lifecycle {
  status: Status;
  readonly lines: OutputLine[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(name: string, state: State) {
    this.status = { sidecar: name, generation: 1, state, warning: null };
  }

  /** Changes the status and emits the change. The listeners have run when this returns. */
  change(change: Partial<Status>): void {
    this.status = { ...this.status, ...change };
    void emit(CHANGED, this.status);
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

/** The state of a sidecar that serves. */
export const ready: State = { phase: "ready", pid: FIRST_PID };
