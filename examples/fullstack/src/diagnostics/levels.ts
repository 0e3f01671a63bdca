import type { OutputLine } from "tauri-plugin-sidecar-bridge-api";

/** Of a line of a log, the least urgent first. */
export const LEVELS = ["debug", "info", "warning", "error"] as const;
export type Level = (typeof LEVELS)[number];

export interface LogLine extends OutputLine {
  level: Level;
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

/**
 * Gives each line its level. One that has none, such as those of a traceback, belongs to the line before it on the same
 * stream.
 */
export function withLevels(lines: OutputLine[]): LogLine[] {
  const last: Record<string, Level> = {};
  return lines.map((line) => {
    const stream = `${line.generation} ${line.stream}`;
    const level = levelOf(line.text) ?? last[stream] ?? "info";
    last[stream] = level;
    return { ...line, level };
  });
}

/** The lines that are at least that urgent and have the text in them. */
export function matching(lines: LogLine[], least: Level, text: string): LogLine[] {
  const wanted = text.trim().toLowerCase();
  const from = LEVELS.indexOf(least);
  return lines.filter(
    ({ level, text }) => LEVELS.indexOf(level) >= from && text.toLowerCase().includes(wanted),
  );
}

/** Frameworks write it near the beginning, in capitals. */
function levelOf(text: string): Level | null {
  if (text.startsWith("Traceback ")) return "error";
  const [, word = ""] = /\b(DEBUG|INFO|WARN(?:ING)?|ERROR|CRITICAL|FATAL)\b/.exec(text.slice(0, 60)) ?? [];
  return WORDS[word] ?? null;
}
