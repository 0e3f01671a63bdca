import { CircleAlert, FileUp } from "lucide-react";
import { useId } from "react";
import { Failure, sentenceOf } from "@/api/failure";
import { LoadError } from "@/app/load-error";
import { Page } from "@/app/page";
import { Alert, AlertDescription, AlertTitle } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { isDesktop } from "@/desktop/native";
import { NeedsDesktop } from "@/desktop/needs-desktop";
import { ImportHistory } from "@/imports/import-history";
import { useImportProgress, useTellEnd } from "@/imports/progress";
import { isRunning, useChooseImport, useImports } from "@/imports/queries";
import { RunningImport } from "@/imports/running-import";
import { OrdersCard } from "@/orders/orders-card";

const COLUMNS = "date, customer, product, quantity, unit_price";

export function ImportPage() {
  const imports = useImports();
  const choose = useChooseImport();
  const running = imports.data?.find(isRunning);
  useImportProgress(running);
  useTellEnd(imports.data, choose.data);
  const reason = useId();
  const native = isDesktop();

  return (
    <Page
      title="Import"
      description={`Orders from a CSV file of at most 256 MB, with the columns ${COLUMNS}.`}
      actions={
        <Button
          disabled={!native || choose.isPending || running !== undefined}
          aria-describedby={native ? undefined : reason}
          onClick={() => choose.mutate()}
        >
          <FileUp aria-hidden="true" />
          {choose.isPending ? "Waiting for your choice…" : "Choose CSV file"}
        </Button>
      }
    >
      <NeedsDesktop id={reason} />
      <Refusal error={choose.error} />
      {running && <RunningImport running={running} />}
      <OrdersCard />
      {imports.error ? (
        <LoadError what="the imports" error={imports.error} retry={() => void imports.refetch()} />
      ) : (
        <ImportHistory imports={imports.data} />
      )}
    </Page>
  );
}

/** Why the file was not taken: too large, or another import runs. */
function Refusal({ error }: { error: unknown }) {
  if (!error || (error instanceof Failure && error.status === 401)) return null;
  return (
    <Alert variant="destructive">
      <CircleAlert aria-hidden="true" />
      <AlertTitle>Nothing was imported</AlertTitle>
      <AlertDescription>{sentenceOf(error)}</AlertDescription>
    </Alert>
  );
}
