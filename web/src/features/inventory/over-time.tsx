import { LineChart } from "@/shared/charts";
import { COMPARED } from "@/shared/figures";
import type { Unit } from "@/shared/format";
import { useMetrics } from "@/shared/rest";
import { useSession } from "@/shared/session";
import { Card } from "@/shared/ui/card";
import { FigureSwitch } from "@/shared/ui/figure-switch";
import { State } from "@/shared/ui/state";
import { useChoice, type View } from "@/shared/view";

interface Day {
  day: string;
  productsInStock: number | null;
  onHand: number | null;
  available: number | null;
  incoming: number | null;
  stockValue: number | null;
}

const FIGURES = {
  stockValue: { label: "Value at cost", unit: "money" },
  onHand: { label: "Units on hand", unit: "count" },
  productsInStock: { label: "Products", unit: "count" },
} as const satisfies Partial<Record<keyof Day, { label: string; unit: Unit }>>;
type Figure = keyof typeof FIGURES;
const NAMES = Object.keys(FIGURES) as Figure[];

/** What lay in stock at the end of each day. */
export function OverTime({ view }: { view: View }) {
  const { format, shop } = useSession();
  const [figure, choose] = useChoice<Figure>("figure", NAMES, "stockValue");
  const { range, before: earlier, platform } = view;
  const { rows, ...standing } = useMetrics<Day>("inventory_trends", [
    { ...range, platform },
    ...(earlier ? [{ ...earlier, platform }] : []),
  ]);
  const [days = [], before] = rows;
  const { label, unit } = FIGURES[figure];
  const points = (of: readonly Day[]) => of.map((row) => ({ label: row.day, value: row[figure] }));
  const known = days.filter(({ onHand }) => onHand !== null);
  return (
    <Card
      title="Stock over time"
      className="span-7"
      {...standing}
      height={300}
      empty="No stock is known in these days"
      note={since(known, days, format.period)}
      controls={<FigureSwitch figures={FIGURES} value={figure} onChange={choose} />}
      table={{
        caption: `Stock at the end of each day, days of ${shop.timezone}`,
        each: ["day", "days"],
        columns: [
          {
            name: "day",
            label: "Day",
            value: (row: Day) => row.day,
            time: true,
            shown: (row: Day) => format.period(row.day),
          },
          ...NAMES.map((name) => ({ name, ...FIGURES[name], value: (row: Day) => row[name] })),
          { name: "available", label: "Available", unit: "count", value: (row: Day) => row.available },
          { name: "incoming", label: "On the way", unit: "count", value: (row: Day) => row.incoming },
        ],
        rows: known,
      }}
    >
      {known.length > 1 ? (
        <LineChart
          title={label}
          points={points(days)}
          before={before && points(before)}
          beforeName={COMPARED[view.comparison]}
          unit={unit}
          running={view.running}
          height={300}
        />
      ) : (
        <State title="One day of stock is known so far">
          <p>Each refresh notes what lies in stock. From the second day on it is drawn here.</p>
        </State>
      )}
    </Card>
  );
}

function since(known: readonly Day[], days: readonly Day[], period: (day: string) => string): string {
  const first = known[0];
  return first && known.length < days.length
    ? `Stock is known from ${period(first.day)} on; each day as its last refresh found it`
    : "Each day as its last refresh found it";
}
