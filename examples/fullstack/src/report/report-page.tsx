import { useEffect } from "react";
import { useSessionState } from "@/app/context";
import { countOf, moneyOf } from "@/app/format";
import { Message } from "@/app/message";
import { Progress } from "@/components/ui/progress";
import { useFollowImports } from "@/imports/queries";
import { OrdersCard } from "@/orders/orders-card";
import { useSummary } from "@/orders/queries";
import { StatusBanner } from "@/sidecar/status-banner";

/** The second window: the chart alone. It follows logins and imports of the first one. */
export function ReportPage() {
  const { token } = useSessionState();
  useEffect(() => {
    document.title = "Report · Ledger";
  }, []);
  if (token === null) {
    return (
      <Message
        title="Report"
        detail="Nobody is logged in. Log in in the main window, and the report is shown here."
      />
    );
  }
  return <Report />;
}

function Report() {
  const running = useFollowImports();
  const { data } = useSummary();
  const percent = Math.round(100 * (running?.fraction ?? 0));
  return (
    <>
      <StatusBanner />
      <main className="flex flex-col gap-4 p-5">
        <header className="flex flex-wrap items-baseline justify-between gap-2">
          <h1 className="text-xl font-semibold tracking-tight">Report</h1>
          {data && (
            <p className="text-sm text-muted-foreground tabular-nums">
              {countOf(data.total_orders)} orders · {moneyOf(data.total_revenue_cents)}
            </p>
          )}
        </header>
        {running && (
          <div className="flex items-center gap-3 text-sm text-muted-foreground">
            <span className="whitespace-nowrap tabular-nums">Importing: {countOf(running.rows)} rows</span>
            <Progress value={percent} aria-label="Import" />
          </div>
        )}
        <OrdersCard />
      </main>
    </>
  );
}
