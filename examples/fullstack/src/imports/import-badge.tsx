import { Badge, type BadgeVariant } from "@/components/ui/badge";
import type { ImportState } from "@/imports/queries";

const LOOKS: Record<ImportState, { variant: BadgeVariant; label: string }> = {
  running: { variant: "default", label: "Running" },
  done: { variant: "success", label: "Done" },
  failed: { variant: "destructive", label: "Failed" },
  cancelled: { variant: "secondary", label: "Cancelled" },
  interrupted: { variant: "warning", label: "Interrupted" },
};

export function ImportBadge({ state }: { state: ImportState }) {
  const { variant, label } = LOOKS[state];
  return <Badge variant={variant}>{label}</Badge>;
}
