import type { Job } from "tauri-plugin-sidecar-bridge-api/jobs";
import { JobProgress } from "tauri-plugin-sidecar-bridge-api/react";
import { Card, CardContent } from "@/components/ui/card";
import { useCancelImport } from "@/imports/imports";

export function RunningImport({ running }: { running: Job }) {
  const cancel = useCancelImport();
  return (
    <Card>
      <CardContent>
        <JobProgress
          job={running}
          label={`Import of ${running.label}`}
          onCancel={cancel.mutate}
          cancelLabel="Cancel import"
        />
      </CardContent>
    </Card>
  );
}
