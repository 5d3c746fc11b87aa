import { BarChart } from "@/shared/charts";
import { useSession } from "@/shared/session";
import { Card, type CardStanding } from "@/shared/ui/card";
import type { Answer } from "./question";

type Month = NonNullable<Answer["months"]>[number];

/** Net sales and what was earned of them, oldest first. */
export function Months({ months, ...standing }: { months: readonly Month[] } & CardStanding) {
  const { format } = useSession();
  const rows = months
    .filter(({ groupId }) => groupId !== null)
    .sort((one, other) => (one.groupId ?? "").localeCompare(other.groupId ?? ""));
  return (
    <Card
      title="Profit month by month"
      className="span-7"
      {...standing}
      height={310}
      note="The last twelve months; this one is not over. Profit is gross profit of the sales whose cost is known"
      table={{
        caption: "Net sales, gross profit and margin of each month",
        each: ["month", "months"],
        columns: [
          {
            name: "month",
            label: "Month",
            value: (row: Month) => row.groupId,
            time: true,
            shown: (row: Month) => format.period(row.groupId ?? ""),
          },
          { name: "netSales", label: "Net sales", unit: "money", value: (row: Month) => row.netSales },
          { name: "profit", label: "Gross profit", unit: "money", value: (row: Month) => row.profit },
          { name: "margin", label: "Margin", unit: "percent", value: (row: Month) => row.margin },
          { name: "costCoverage", label: "Cost known", unit: "percent", value: (row: Month) => row.costCoverage },
        ],
        rows,
      }}
    >
      <BarChart
        title="Profit month by month"
        unit="money"
        running
        periods={rows.map(({ groupId }) => groupId ?? "")}
        series={[
          { name: "Net sales", colour: "var(--series-1)", values: rows.map(({ netSales }) => netSales) },
          { name: "Gross profit", colour: "var(--series-2)", values: rows.map(({ profit }) => profit) },
        ]}
      />
    </Card>
  );
}
