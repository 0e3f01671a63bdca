import { emit } from "@tauri-apps/api/event";
import type { Exit, OutputLine, OutputStream, Problem, State, Status } from "../wire/types.js";
import { problem } from "./problem.js";

const CHANGED = "plugin:sidecar-bridge:status-changed";
const FIRST_PID = 4711;

/** The life of a sidecar that no process lives: its status and log, and who waits for it to serve. */
export class Lifecycle {
  status: Status;
  readonly lines: OutputLine[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(name: string, state: State) {
    this.status = { sidecar: name, generation: 1, state, warning: null };
  }

  /** Changes the status and tells the pages; listeners have run when this returns. */
  change(change: Partial<Status>): void {
    this.status = { ...this.status, ...change };
    void emit(CHANGED, this.status);
    for (const wake of [...this.#waiting]) wake();
  }

  /** Like the host's: requests wait for a sidecar on its way, and fail for one that does not come. */
  async serves(waitMs: number | null): Promise<void> {
    const until = waitMs === null ? null : Date.now() + waitMs;
    for (;;) {
      const { phase } = this.status.state;
      if (phase === "ready" || phase === "unresponsive") return;
      const waits = phase === "starting" || phase === "restarting";
      const leftMs = until === null ? null : until - Date.now();
      if (!waits || (leftMs !== null && leftMs <= 0)) throw this.#unavailable(phase);
      await this.#changes(leftMs);
    }
  }

  start(): void {
    const { phase } = this.status.state;
    if (phase === "stopped" || phase === "failed") this.#begin();
  }

  stop(): void {
    this.change({ state: { phase: "stopping" } });
    this.change({ state: { phase: "stopped" } });
  }

  restart(): void {
    this.change({ state: { phase: "restarting", problem: null, exit: null } });
    this.#begin();
  }

  /** Ends as a process does that fell over; `problem` is what requests on their way fail with, too. */
  crash(reason: Problem, exit: Exit): void {
    this.change({ state: { phase: "restarting", problem: reason, exit } });
  }

  /** The next generation serves. */
  recover(): void {
    this.#begin();
  }

  log(text: string, stream: OutputStream): void {
    const { generation } = this.status;
    this.lines.push({ sequence: this.lines.length + 1, generation, atMs: Date.now(), stream, text });
  }

  #begin(): void {
    const generation = this.status.generation + 1;
    this.change({ generation, state: { phase: "starting", activity: null } });
    this.change({ state: { phase: "ready", pid: FIRST_PID + generation } });
  }

  #changes(withinMs: number | null): Promise<void> {
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

/** A sidecar that serves from the start. */
export const ready: State = { phase: "ready", pid: FIRST_PID };
