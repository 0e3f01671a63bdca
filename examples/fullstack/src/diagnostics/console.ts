import { commands, type Urgency } from "@/bindings";

const METHODS = { debug: "debug", log: "info", info: "info", warn: "warning", error: "error" } as const;

/** From now on the host also gets what this page writes to its console, and shows it with what the others log. */
export function shareConsole(): void {
  for (const method of Object.keys(METHODS) as (keyof typeof METHODS)[]) {
    const write = console[method].bind(console);
    console[method] = (...words: unknown[]) => {
      write(...words);
      share(METHODS[method], words.map(textOf).join(" "));
    };
  }
  addEventListener("error", ({ message }) => share("error", message));
  addEventListener("unhandledrejection", ({ reason }) =>
    share("error", `nobody has handled ${textOf(reason)}`),
  );
}

function share(level: Urgency, text: string): void {
  // Without the permission, or while the app ends: there is nowhere left to say so.
  commands.logFromPage(level, text).catch(() => {});
}

function textOf(word: unknown): string {
  if (typeof word === "string") return word;
  if (word instanceof Error) return `${word.name}: ${word.message}`;
  try {
    return JSON.stringify(word) ?? String(word);
  } catch {
    return String(word);
  }
}
