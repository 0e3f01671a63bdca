import type { OutputLine } from "tauri-plugin-sidecar-bridge-api";
import type { JournalLine } from "@/bindings";

/** Of a line of a log, the least urgent first. */
export const LEVELS = ["debug", "info", "warning", "error"] as const;
export type Level = (typeof LEVELS)[number];

export interface LogLine {
  key: string;
  atMs: number;
  /** Who wrote it, such as `page`, `host`, or `server 2` for its second life. */
  source: string;
  level: Level;
  text: string;
}

const WORDS: Record<string, Level> = {
  DEBUG: "debug",
  INFO: "info",
  WARNING: "warning",
  WARN: "warning",
  ERROR: "error",
  CRITICAL: "error",
  FATAL: "error",
};

/** The lines of all processes, in the order in which they came. */
export function allLines(server: OutputLine[], others: JournalLine[]): LogLine[] {
  const rest = others.map(({ atMs, ...line }, n) => ({ ...line, atMs: atMs ?? 0, key: `${atMs} ${n}` }));
  return [...withLevels(server), ...rest].sort((a, b) => a.atMs - b.atMs);
}

/**
 * Gives each line its level. One that has none, such as those of a traceback, belongs to the line before it on the same
 * stream.
 */
export function withLevels(lines: OutputLine[]): LogLine[] {
  const last: Record<string, Level> = {};
  return lines.map(({ atMs, generation, sequence, stream, text }) => {
    const output = `${generation} ${stream}`;
    const level = levelOf(text) ?? last[output] ?? "info";
    last[output] = level;
    return { key: `server ${sequence}`, atMs: atMs ?? 0, source: `server ${generation}`, level, text };
  });
}

/** The lines that are at least that urgent and have the text in them. */
export function matching(lines: LogLine[], least: Level, text: string): LogLine[] {
  const wanted = text.trim().toLowerCase();
  const from = LEVELS.indexOf(least);
  return lines.filter(
    ({ level, text, source }) =>
      LEVELS.indexOf(level) >= from && `${source} ${text}`.toLowerCase().includes(wanted),
  );
}

/** Frameworks write it near the beginning, in capitals. */
function levelOf(text: string): Level | null {
  if (text.startsWith("Traceback ")) return "error";
  const [, word = ""] = /\b(DEBUG|INFO|WARN(?:ING)?|ERROR|CRITICAL|FATAL)\b/.exec(text.slice(0, 60)) ?? [];
  return WORDS[word] ?? null;
}
