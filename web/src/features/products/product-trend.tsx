import { BarChart } from "@/shared/charts";
import { useSession } from "@/shared/session";
import { Card, type CardStanding } from "@/shared/ui/card";
import { Switch } from "@/shared/ui/switch";
import { STEPS, type Step } from "./periods";
import type { series } from "./question";

interface Props extends CardStanding {
  over: readonly { label: string }[];
  points: ReturnType<typeof series>;
  step: Step;
  choose: (step: Step) => void;
}

/** What it brought and what was earned of that, period by period. Where it was not sold, that was nothing. */
export function ProductTrend({ over, points, step, choose, ...standing }: Props) {
  const { format } = useSession();
  const rows = over.map(({ label }, place) => {
    const point = points[place];
    return {
      label,
      units: point?.units ?? 0,
      revenue: point?.revenue ?? 0,
      profit: point ? point.profit : 0,
    };
  });
  return (
    <Card
      title={step === "weeks" ? "Week by week" : "Month by month"}
      className="trend"
      composed
      {...standing}
      height={310}
      note="Whatever days are chosen above: the last twelve; this one is not over. Returns are not taken off revenue"
      controls={
        <Switch
          label="By"
          value={step}
          options={(Object.keys(STEPS) as Step[]).map((value) => ({ value, label: STEPS[value] }))}
          onChange={choose}
        />
      }
      table={{
        caption: "Revenue and profit of each period",
        each: step === "weeks" ? ["week", "weeks"] : ["month", "months"],
        columns: [
          {
            name: "period",
            label: "From",
            value: (row) => row.label,
            time: true,
            shown: (row) => format.period(row.label),
          },
          { name: "units", label: "Units", unit: "count", value: (row) => row.units },
          { name: "revenue", label: "Revenue", unit: "money", value: (row) => row.revenue },
          { name: "profit", label: "Profit", unit: "money", value: (row) => row.profit },
        ],
        rows,
      }}
    >
      <BarChart
        title="Revenue and profit"
        unit="money"
        running
        periods={rows.map(({ label }) => label)}
        series={[
          { name: "Revenue", colour: "var(--series-1)", values: rows.map(({ revenue }) => revenue) },
          { name: "Profit", colour: "var(--series-2)", values: rows.map(({ profit }) => profit) },
        ]}
      />
    </Card>
  );
}
