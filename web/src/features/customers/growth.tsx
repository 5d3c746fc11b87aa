import { BarChart } from "@/shared/charts";
import { useSession } from "@/shared/session";
import { Card, type CardStanding } from "@/shared/ui/card";
import type { Answer } from "./question";

type Month = NonNullable<Answer["growth"]>[number];

/** How many came, and how many of them bought for the first time. */
export function Growth({ months, ...standing }: { months: readonly Month[] } & CardStanding) {
  const { format } = useSession();
  const total = months.at(-1)?.customers;
  return (
    <Card
      title="New customers, month by month"
      className="growth"
      {...standing}
      height={310}
      empty="Nobody came in the last twelve months"
      note={`The last twelve months; this one is not over. ${format.figure(total, "count")} customers in all`}
      table={{
        caption: "New customers of each month",
        each: ["month", "months"],
        columns: [
          {
            name: "month",
            label: "Month",
            value: (row: Month) => row.month,
            time: true,
            shown: (row: Month) => format.period(row.month),
          },
          { name: "newCustomers", label: "Created", unit: "count", value: (row: Month) => row.newCustomers },
          { name: "newBuyers", label: "First purchase", unit: "count", value: (row: Month) => row.newBuyers },
          { name: "customers", label: "Customers at its end", unit: "count", value: (row: Month) => row.customers },
        ],
        rows: months.some(({ newCustomers, newBuyers }) => newCustomers || newBuyers) ? months : [],
      }}
    >
      <BarChart
        title="New customers"
        unit="count"
        running
        periods={months.map(({ month }) => month)}
        series={[
          { name: "Created", colour: "var(--series-5)", values: months.map(({ newCustomers }) => newCustomers) },
          {
            name: "Bought for the first time",
            colour: "var(--series-1)",
            values: months.map(({ newBuyers }) => newBuyers),
          },
        ]}
      />
    </Card>
  );
}
