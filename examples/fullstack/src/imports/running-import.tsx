import { X } from "lucide-react";
import { bytesOf, countOf } from "@/app/format";
import { Button } from "@/components/ui/button";
import { Card, CardAction, CardContent, CardDescription, CardHeader, CardTitle } from "@/components/ui/card";
import { Progress } from "@/components/ui/progress";
import { type Import, useCancelImport } from "@/imports/queries";

export function RunningImport({ running }: { running: Import }) {
  const cancel = useCancelImport();
  const { file_name, rows, bytes_done, bytes_total } = running;
  const percent = bytes_total === 0 ? 0 : Math.min(100, Math.floor((100 * bytes_done) / bytes_total));
  return (
    <Card>
      <CardHeader>
        <CardTitle>Importing {file_name}</CardTitle>
        <CardDescription className="tabular-nums">
          {countOf(rows)} rows · {bytesOf(bytes_done)} of {bytesOf(bytes_total)}
        </CardDescription>
        <CardAction>
          <Button
            variant="outline"
            size="sm"
            disabled={cancel.isPending || cancel.isSuccess}
            onClick={() => cancel.mutate(running)}
          >
            <X aria-hidden="true" /> {cancel.isIdle ? "Cancel import" : "Cancelling…"}
          </Button>
        </CardAction>
      </CardHeader>
      <CardContent className="flex items-center gap-4">
        <Progress value={percent} aria-label={`Import of ${file_name}`} />
        <span className="w-10 text-right text-sm tabular-nums" aria-hidden="true">
          {percent} %
        </span>
      </CardContent>
    </Card>
  );
}
