import { LineChart } from "@/shared/charts";
import { COMPARED } from "@/shared/figures";
import type { Unit } from "@/shared/format";
import { useSession } from "@/shared/session";
import type { Column } from "@/shared/table";
import { Card, type CardStanding } from "@/shared/ui/card";
import { FigureSwitch } from "@/shared/ui/figure-switch";
import { State } from "@/shared/ui/state";
import { useChoice, type View } from "@/shared/view";
import type { ActivityDay } from "./visits";

const FIGURES = {
  visits: { label: "Visits", unit: "count" },
  visitors: { label: "Visitors", unit: "count" },
  views: { label: "Views", unit: "count" },
  carts: { label: "Carts", unit: "count" },
  checkouts: { label: "Checkouts", unit: "count" },
  conversion: { label: "Conversion", unit: "percent" },
} as const satisfies Partial<Record<keyof ActivityDay, { label: string; unit: Unit }>>;
type Figure = keyof typeof FIGURES;
const NAMES = Object.keys(FIGURES) as Figure[];

interface Props extends CardStanding {
  days: ActivityDay[];
  before: ActivityDay[] | undefined;
  view: View;
}

/** One kind of activity, day by day, and the days it is compared with. */
export function Trend({ days, before, view, ...standing }: Props) {
  const { format, shop } = useSession();
  const [figure, choose] = useChoice<Figure>("figure", NAMES, "visits");
  const { label, unit } = FIGURES[figure];
  const points = (rows: readonly ActivityDay[]) => rows.map((row) => ({ label: row.day, value: row[figure] }));
  const columns: Column<ActivityDay>[] = [
    { name: "day", label: "Day", value: (row) => row.day, time: true, shown: (row) => format.period(row.day) },
    ...NAMES.map((name) => ({ name, ...FIGURES[name], value: (row: ActivityDay) => row[name] })),
    { name: "signups", label: "Sign-ups", unit: "count", value: (row) => row.signups },
    { name: "orders", label: "Orders", unit: "count", value: (row) => row.orders },
  ];
  return (
    <Card
      title={`${label} by day`}
      className="trend"
      {...standing}
      height={320}
      {...(view.running && { note: "Today is not over" })}
      controls={<FigureSwitch figures={FIGURES} value={figure} onChange={choose} />}
      table={{ caption: `Activity by day, days of ${shop.timezone}`, each: ["day", "days"], columns, rows: days }}
    >
      {days.length > 1 ? (
        <LineChart
          title={label}
          points={points(days)}
          before={before && points(before)}
          beforeName={COMPARED[view.comparison]}
          unit={unit}
          running={view.running}
          height={320}
        />
      ) : (
        <State title={`${label}: ${format.figure(days[0]?.[figure], unit)}`}>
          <p>This is a single day. Choose several to see how one day follows the other.</p>
        </State>
      )}
    </Card>
  );
}
