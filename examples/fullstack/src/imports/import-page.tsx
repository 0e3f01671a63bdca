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
import { useChooseImport, useImports, useTellEnd } from "@/imports/imports";
import { RunningImport } from "@/imports/running-import";
import { OrdersCard } from "@/orders/orders-card";

const COLUMNS = "date, customer, product, quantity, unit_price";

export function ImportPage() {
  const { imports, running, error } = useImports();
  const choose = useChooseImport();
  useTellEnd(choose.data?.id);
  const reason = useId();
  const native = isDesktop();

  return (
    <Page
      title="Import"
      description={`Orders from a CSV file of at most 256 MB, with the columns ${COLUMNS}.`}
      actions={
        <Button
          disabled={!native || choose.isPending || running !== null}
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
      {error ? (
        <LoadError what="the imports" error={error} retry={() => window.location.reload()} />
      ) : (
        <ImportHistory imports={imports} />
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
