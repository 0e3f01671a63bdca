import { Bar, BarChart, CartesianGrid, XAxis, YAxis } from "recharts";
import { countOf, moneyOf, monthOf, shortMoneyOf } from "@/app/format";
import { type ChartConfig, ChartContainer, ChartTooltip, ChartTooltipContent } from "@/components/ui/chart";
import type { Month } from "@/orders/queries";

const series: ChartConfig = { revenue_cents: { label: "Revenue", color: "var(--chart-1)" } };

/** Bars for those who see them, and a table for those who do not. */
export function OrdersChart({ months }: { months: Month[] }) {
  return (
    <figure aria-label="Revenue by month">
      <div aria-hidden="true">
        <ChartContainer config={series}>
          <BarChart data={months} accessibilityLayer={false} margin={{ left: 8, right: 8, top: 8 }}>
            <CartesianGrid vertical={false} />
            <XAxis dataKey="month" tickFormatter={monthOf} tickLine={false} axisLine={false} tickMargin={8} />
            <YAxis tickFormatter={shortMoneyOf} tickLine={false} axisLine={false} width={64} />
            <ChartTooltip
              cursor={{ fill: "var(--muted)", stroke: "none" }}
              content={(point) => (
                <ChartTooltipContent
                  {...point}
                  format={moneyOf}
                  formatLabel={(month) => monthOf(String(month))}
                />
              )}
            />
            <Bar
              dataKey="revenue_cents"
              fill="var(--color-revenue_cents)"
              radius={[4, 4, 0, 0]}
              maxBarSize={56}
              isAnimationActive={false}
            />
          </BarChart>
        </ChartContainer>
      </div>
      <table className="sr-only">
        <caption>Revenue by month</caption>
        <thead>
          <tr>
            <th scope="col">Month</th>
            <th scope="col">Orders</th>
            <th scope="col">Revenue</th>
          </tr>
        </thead>
        <tbody>
          {months.map(({ month, orders, revenue_cents }) => (
            <tr key={month}>
              <th scope="row">{monthOf(month)}</th>
              <td>{countOf(orders)}</td>
              <td>{moneyOf(revenue_cents)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}
