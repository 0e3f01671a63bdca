import { Link } from "@tanstack/react-router";
import { BookOpen, FileUp, Receipt, Wallet } from "lucide-react";
import { useId } from "react";
import { countOf, dateTimeOf, moneyOf } from "@/app/format";
import { Page } from "@/app/page";
import { Button } from "@/components/ui/button";
import { Stat } from "@/dashboard/stat";
import { WindowActions } from "@/dashboard/window-actions";
import { NeedsDesktop } from "@/desktop/needs-desktop";
import { ImportBadge } from "@/imports/import-badge";
import { useImports } from "@/imports/imports";
import { OrdersCard } from "@/orders/orders-card";
import { useSummary } from "@/orders/queries";

export function DashboardPage() {
  const reason = useId();
  return (
    <Page
      title="Dashboard"
      description="Your orders at a glance."
      actions={<WindowActions reason={reason} />}
    >
      <NeedsDesktop id={reason} />
      <div className="grid gap-4 sm:grid-cols-2 xl:grid-cols-4">
        <Totals />
        <LastImport />
      </div>
      <OrdersCard />
    </Page>
  );
}

function Totals() {
  const { data } = useSummary();
  const revenue = data?.total_revenue_cents;
  const orders = data?.total_orders;
  const mean = revenue === undefined || !orders ? undefined : revenue / orders;
  return (
    <>
      <Stat label="Revenue" Icon={Wallet} value={revenue === undefined ? null : moneyOf(revenue)} />
      <Stat label="Orders" Icon={Receipt} value={orders === undefined ? null : countOf(orders)} />
      <Stat
        label="Mean order"
        Icon={BookOpen}
        value={data === undefined ? null : mean === undefined ? "–" : moneyOf(mean)}
      />
    </>
  );
}

function LastImport() {
  const { imports } = useImports();
  const last = imports?.[0];
  if (last === undefined) {
    return <Stat label="Last import" Icon={FileUp} value={imports ? "None yet" : null} />;
  }
  return (
    <Stat
      label="Last import"
      Icon={FileUp}
      value={
        <Button
          asChild
          variant="link"
          className="h-auto max-w-full p-0 text-base font-semibold text-foreground"
        >
          <Link to="/import">
            <span className="truncate">{last.label}</span>
          </Link>
        </Button>
      }
      note={
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <ImportBadge state={last.state} /> {dateTimeOf(last.submittedAt)}
        </span>
      }
    />
  );
}
