import { useEffect } from "react";
import { JobProgress } from "tauri-plugin-sidecar-bridge-api/react";
import { useSessionState } from "@/app/context";
import { countOf, moneyOf } from "@/app/format";
import { Message } from "@/app/message";
import { useFreshOrders, useImports } from "@/imports/imports";
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
  useFreshOrders();
  const { running } = useImports();
  const { data } = useSummary();
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
        <JobProgress job={running} label={`Import of ${running?.label}`} />
        <OrdersCard />
      </main>
    </>
  );
}
