import { Link, useMatchRoute } from "@tanstack/react-router";
import { LoadError } from "@/app/load-error";
import { Button } from "@/components/ui/button";
import { Card, CardAction, CardContent, CardDescription, CardHeader, CardTitle } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { isDesktop } from "@/desktop/native";
import { ExportOrders } from "@/orders/export-orders";
import { OrdersChart } from "@/orders/orders-chart";
import { useSummary } from "@/orders/queries";

/** The chart of orders, or why there is none. */
export function OrdersCard() {
  const summary = useSummary();
  return (
    <Card>
      <CardHeader>
        <CardTitle>Revenue by month</CardTitle>
        <CardDescription>All orders that were imported</CardDescription>
        <CardAction>{isDesktop() && summary.data?.total_orders ? <ExportOrders /> : null}</CardAction>
      </CardHeader>
      <CardContent>
        {summary.isPending && <Skeleton className="h-64" />}
        {summary.error && (
          <LoadError what="the orders" error={summary.error} retry={() => void summary.refetch()} />
        )}
        {summary.data && summary.data.months.length > 0 && <OrdersChart months={summary.data.months} />}
        {summary.data?.months.length === 0 && <NoOrders />}
      </CardContent>
    </Card>
  );
}

function NoOrders() {
  const isThere = useMatchRoute()({ to: "/import" }) !== false;
  return (
    <div className="flex h-64 flex-col items-center justify-center gap-3 text-sm text-muted-foreground">
      <p>There are no orders yet. Import a CSV file, and they are shown here.</p>
      {!isThere && (
        <Button asChild variant="outline">
          <Link to="/import">Go to the import</Link>
        </Button>
      )}
    </div>
  );
}
