import { type ComponentProps, createContext, type ReactNode, useContext, useId, useMemo } from "react";
import { ResponsiveContainer, Tooltip, type TooltipContentProps } from "recharts";
import { cn } from "@/lib/cn";

/** What each series is called, and its colour, by its key in the rows. */
type ChartConfig = Record<string, { label: string; color: string }>;

const ChartContext = createContext<ChartConfig>({});

function ChartContainer({
  className,
  children,
  config,
  ...props
}: ComponentProps<"div"> & {
  config: ChartConfig;
  children: ComponentProps<typeof ResponsiveContainer>["children"];
}) {
  const id = `chart-${useId().replace(/:/g, "")}`;
  const colors = useMemo(
    () => Object.fromEntries(Object.entries(config).map(([key, { color }]) => [`--color-${key}`, color])),
    [config],
  );
  return (
    <ChartContext value={config}>
      <div
        data-slot="chart"
        data-chart={id}
        style={colors}
        className={cn(
          "flex h-64 w-full justify-center text-xs [&_.recharts-cartesian-axis-tick-value]:fill-muted-foreground! [&_.recharts-cartesian-grid_line]:stroke-border [&_.recharts-layer]:outline-hidden [&_.recharts-rectangle.recharts-tooltip-cursor]:fill-muted [&_.recharts-surface]:outline-hidden",
          className,
        )}
        {...props}
      >
        <ResponsiveContainer initialDimension={{ width: 640, height: 256 }}>{children}</ResponsiveContainer>
      </div>
    </ChartContext>
  );
}

const ChartTooltip = Tooltip;

type ChartTooltipContentProps = Partial<TooltipContentProps> & {
  /** How a value is written. */
  format?: (value: number, key: string) => ReactNode;
  /** How the label is written; there is none while no point is active. */
  formatLabel?: (label: string | number) => ReactNode;
};

function ChartTooltipContent({ active, payload, label, format, formatLabel }: ChartTooltipContentProps) {
  const config = useContext(ChartContext);
  if (!active || !payload?.length) return null;
  return (
    <div className="grid min-w-36 gap-1.5 rounded-lg border bg-popover px-2.5 py-1.5 text-xs text-popover-foreground shadow-lg">
      <div className="font-medium">{formatLabel && label !== undefined ? formatLabel(label) : label}</div>
      {payload.map(({ dataKey, value }) => {
        const key = String(dataKey);
        const number = Number(value);
        return (
          <div key={key} className="flex items-center gap-2">
            <span className="size-2.5 rounded-xs" style={{ background: `var(--color-${key})` }} />
            <span className="flex-1 text-muted-foreground">{config[key]?.label ?? key}</span>
            <span className="font-medium tabular-nums">{format ? format(number, key) : number}</span>
          </div>
        );
      })}
    </div>
  );
}

export { type ChartConfig, ChartContainer, ChartTooltip, ChartTooltipContent };
