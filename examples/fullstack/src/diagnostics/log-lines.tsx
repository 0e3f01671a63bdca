import { type UIEvent, useEffect, useRef } from "react";
import { timeOf } from "@/app/format";
import type { Level, LogLine } from "@/diagnostics/levels";
import { cn } from "@/lib/cn";

const COLORS: Record<Level, string> = {
  debug: "text-muted-foreground",
  info: "text-foreground",
  warning: "text-warning",
  error: "text-destructive",
};

/** Stays at the last line, unless somebody has scrolled up to read. */
export function LogLines({ lines }: { lines: LogLine[] }) {
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const last = lines.at(-1)?.key;

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new last line is what it waits for
  useEffect(() => {
    const element = box.current;
    if (element && follows.current) element.scrollTop = element.scrollHeight;
  }, [last]);

  const onScroll = ({
    currentTarget: { scrollTop, scrollHeight, clientHeight },
  }: UIEvent<HTMLDivElement>) => {
    follows.current = scrollHeight - scrollTop - clientHeight < 24;
  };
  return (
    // Read out line by line it would never be silent, hence `off`; the focus is for scrolling with the keyboard.
    <div
      ref={box}
      role="log"
      aria-label="Log lines"
      aria-live="off"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
      tabIndex={0}
      onScroll={onScroll}
      className="h-72 overflow-auto rounded-md border bg-background p-3 font-mono text-xs leading-5 outline-none focus-visible:ring-[3px] focus-visible:ring-ring/50"
    >
      {lines.length === 0 && <p className="font-sans text-sm text-muted-foreground">No line matches.</p>}
      {lines.map((line) => (
        <div key={line.key} className="flex gap-3">
          <span className="shrink-0 text-muted-foreground">{timeOf(line.atMs)}</span>
          <span className="w-16 shrink-0 text-muted-foreground">{line.source}</span>
          <span className={cn("whitespace-pre-wrap break-all", COLORS[line.level])}>{line.text}</span>
        </div>
      ))}
    </div>
  );
}
