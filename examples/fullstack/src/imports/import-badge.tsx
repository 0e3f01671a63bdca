import type { JobState } from "tauri-plugin-sidecar-bridge-api/jobs";
import { Badge, type BadgeVariant } from "@/components/ui/badge";

const LOOKS: Record<JobState, { variant: BadgeVariant; label: string }> = {
  queued: { variant: "secondary", label: "Waiting" },
  running: { variant: "default", label: "Running" },
  cancelling: { variant: "default", label: "Cancelling" },
  done: { variant: "success", label: "Done" },
  failed: { variant: "destructive", label: "Failed" },
  cancelled: { variant: "secondary", label: "Cancelled" },
  interrupted: { variant: "warning", label: "Interrupted" },
};

export function ImportBadge({ state }: { state: JobState }) {
  const { variant, label } = LOOKS[state];
  return <Badge variant={variant}>{label}</Badge>;
}
