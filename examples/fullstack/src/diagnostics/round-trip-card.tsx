import { useId, useState } from "react";
import { CartesianGrid, Line, LineChart, XAxis, YAxis } from "recharts";
import { useSidecar } from "tauri-plugin-sidecar-bridge-api/react";
import { timeOf } from "@/app/format";
import { Card, CardAction, CardContent, CardDescription, CardHeader, CardTitle } from "@/components/ui/card";
import { ChartContainer, ChartTooltip, ChartTooltipContent } from "@/components/ui/chart";
import { Label } from "@/components/ui/label";
import { Switch } from "@/components/ui/switch";
import { isDesktop } from "@/desktop/native";
import { DIRECTIONS, type Direction, type Sample, useRoundTrips } from "@/diagnostics/round-trips";

const directions = Object.keys(DIRECTIONS) as Direction[];
const inMs = (ms: number) => `${ms.toFixed(2)} ms`;

export function RoundTripCard() {
  const id = useId();
  const [on, setOn] = useState(true);
  const { status } = useSidecar();
  // While the server is away requests wait for it, and a wait is no round trip.
  const serves = status === null || status.state.phase === "ready";
  const samples = useRoundTrips(on && serves);
  return (
    <Card>
      <CardHeader>
        <CardTitle>Round trips</CardTitle>
        <CardDescription>
          How long a call takes, there and back{isDesktop() ? "" : "; from a browser, only one of the four"}
        </CardDescription>
        <CardAction className="flex items-center gap-2">
          <Label htmlFor={id}>Measure</Label>
          <Switch id={id} checked={on} onCheckedChange={setOn} />
        </CardAction>
      </CardHeader>
      <CardContent className="grid gap-4">
        <RoundTripTable samples={samples} />
        <RoundTripChart samples={samples} />
      </CardContent>
    </Card>
  );
}

function RoundTripTable({ samples }: { samples: Sample[] }) {
  return (
    <dl className="grid grid-cols-2 gap-4 sm:grid-cols-4">
      {directions.map((direction) => {
        const median = medianOf(samples.flatMap((sample) => sample[direction] ?? []));
        return (
          <div key={direction}>
            <dt className="flex items-center gap-2 text-sm text-muted-foreground">
              <span
                className="size-2.5 rounded-xs"
                style={{ background: DIRECTIONS[direction].color }}
                aria-hidden="true"
              />
              {DIRECTIONS[direction].label}
            </dt>
            <dd className="mt-1 font-medium tabular-nums">{median === null ? "–" : inMs(median)}</dd>
          </div>
        );
      })}
    </dl>
  );
}

/** The figures above say the same in words, so the lines are only for those who see them. */
function RoundTripChart({ samples }: { samples: Sample[] }) {
  return (
    <div aria-hidden="true">
      <ChartContainer config={DIRECTIONS} className="h-52">
        <LineChart data={samples} accessibilityLayer={false} margin={{ left: 8, right: 8, top: 8 }}>
          <CartesianGrid vertical={false} />
          <XAxis dataKey="atMs" tickFormatter={timeOf} tickLine={false} axisLine={false} minTickGap={60} />
          <YAxis unit=" ms" tickLine={false} axisLine={false} width={56} />
          <ChartTooltip
            content={(point) => (
              <ChartTooltipContent {...point} format={inMs} formatLabel={(atMs) => timeOf(Number(atMs))} />
            )}
          />
          {directions.map((direction) => (
            <Line
              key={direction}
              dataKey={direction}
              stroke={`var(--color-${direction})`}
              strokeWidth={2}
              dot={false}
              isAnimationActive={false}
            />
          ))}
        </LineChart>
      </ChartContainer>
    </div>
  );
}

/** One slow call says little, hence not the mean. */
function medianOf(values: number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}
