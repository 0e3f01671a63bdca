import { useEffect, useState } from "react";
import { type Api, answer } from "@/api/client";
import { useApi } from "@/app/context";
import { commands } from "@/bindings";
import { isDesktop } from "@/desktop/native";

/** The ways there are to call, and who calls whom. */
export const DIRECTIONS = {
  pageToRust: { label: "Page → Rust", color: "var(--chart-3)" },
  pageToPython: { label: "Page → FastAPI", color: "var(--chart-1)" },
  rustToPython: { label: "Rust → FastAPI", color: "var(--chart-2)" },
  pythonToRust: { label: "FastAPI → Rust", color: "var(--chart-4)" },
} as const;

export type Direction = keyof typeof DIRECTIONS;

/** What was measured at once, in ms; null where there was no answer. */
export type Sample = { atMs: number } & Record<Direction, number | null>;

const EVERY_MS = 1_000;
const KEPT = 60;
/** WebKit's clock ticks once in a millisecond, which is longer than one call takes. */
const CALLS = 5;

/** Measures each second while `on`, and keeps the last minute. */
export function useRoundTrips(on: boolean): Sample[] {
  const api = useApi();
  const [samples, setSamples] = useState<Sample[]>([]);
  useEffect(() => {
    if (!on) return;
    const over = new AbortController();
    void measureOn(api, over.signal, (sample) => setSamples((all) => [...all, sample].slice(-KEPT)));
    return () => over.abort();
  }, [api, on]);
  return samples;
}

/** One after the other, so that they do not wait for each other. */
async function measureOn(api: Api, signal: AbortSignal, tell: (sample: Sample) => void): Promise<void> {
  // The first calls also load and connect; they say nothing of the next ones.
  await measure(api, signal);
  while (!signal.aborted) {
    const sample = await measure(api, signal);
    if (signal.aborted) return;
    tell(sample);
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}

async function measure(api: Api, signal: AbortSignal): Promise<Sample> {
  const native = isDesktop();
  return {
    atMs: Date.now(),
    pageToRust: await orNull(native, () => timed(commands.ping)),
    pageToPython: await orNull(true, () => timed(() => answer(api.GET("/api/v1/health", { signal })))),
    rustToPython: await orNull(native, commands.measureSidecar),
    pythonToRust: await orNull(native, async () => (await answer(api.POST("/api/v1/diagnostics/host"))).ms),
  };
}

async function timed(call: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  for (let n = 0; n < CALLS; n++) await call();
  return (performance.now() - start) / CALLS;
}

/** A gap in the line is all that a failure is worth here. */
async function orNull(possible: boolean, call: () => Promise<number | null>): Promise<number | null> {
  if (!possible) return null;
  try {
    return await call();
  } catch {
    return null;
  }
}
