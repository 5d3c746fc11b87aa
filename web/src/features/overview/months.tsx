import { BarChart } from "@/shared/charts";
import { useSession } from "@/shared/session";
import { Card, type CardStanding } from "@/shared/ui/card";
import type { Answer } from "./question";

/** Twelve months side by side, oldest first. */
export function Months({ months, ...standing }: { months: NonNullable<Answer["months"]> } & CardStanding) {
  const { format } = useSession();
  const rows = [...months].reverse();
  return (
    <Card
      title="Month by month"
      className="months"
      {...standing}
      height={284}
      empty="Nothing was sold or spent in the last twelve months"
      {...(rows.length > 0 && { note: "The last twelve months; this one is not over" })}
      table={{
        caption: "Revenue, expenses and net profit of each month",
        each: ["month", "months"],
        columns: [
          {
            name: "month",
            label: "Month",
            value: (row) => row.month,
            time: true,
            shown: (row) => format.period(row.month),
          },
          { name: "revenue", label: "Revenue", unit: "money", value: (row) => row.revenue },
          { name: "expenses", label: "Expenses", unit: "money", value: (row) => row.expenses },
          { name: "netProfit", label: "Net profit", unit: "money", value: (row) => row.netProfit },
          { name: "orderCount", label: "Orders", unit: "count", value: (row) => row.orderCount },
        ],
        rows,
      }}
    >
      <BarChart
        title="Month by month"
        unit="money"
        running
        periods={rows.map(({ month }) => month)}
        series={[
          { name: "Revenue", colour: "var(--series-1)", values: rows.map(({ revenue }) => revenue) },
          { name: "Expenses", colour: "var(--series-2)", values: rows.map(({ expenses }) => expenses) },
          { name: "Net profit", colour: "var(--text)", values: rows.map(({ netProfit }) => netProfit), line: true },
        ]}
      />
    </Card>
  );
}
