import type { LucideIcon } from "lucide-react";
import { type ReactNode, useId } from "react";
import { Card, CardContent } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";

interface StatProps {
  label: string;
  Icon: LucideIcon;
  /** Null while it loads. */
  value: ReactNode;
  note?: ReactNode;
}

/** One figure with its name. */
export function Stat({ label, Icon, value, note }: StatProps) {
  const id = useId();
  return (
    <Card role="group" aria-labelledby={id} className="py-4">
      <CardContent className="flex flex-col gap-1.5">
        <div className="flex items-center justify-between text-sm text-muted-foreground">
          <span id={id}>{label}</span>
          <Icon className="size-4" aria-hidden="true" />
        </div>
        <div className="truncate text-xl font-semibold tabular-nums">
          {value ?? <Skeleton className="h-7 w-28" />}
        </div>
        {note && <div className="text-xs text-muted-foreground">{note}</div>}
      </CardContent>
    </Card>
  );
}
