import { LineChart } from "@/shared/charts";
import { useHour } from "@/shared/clock";
import { COMPARED, soFar, without } from "@/shared/figures";
import { useSession } from "@/shared/session";
import { Card, type CardStanding } from "@/shared/ui/card";
import { FigureSwitch } from "@/shared/ui/figure-switch";
import { State } from "@/shared/ui/state";
import { Switch } from "@/shared/ui/switch";
import type { View } from "@/shared/view";
import type { Answer } from "./question";
import { EACH, FIGURES, GRANULARITIES, type TrendChoice } from "./trend-choice";

const NOW = { HOUR: "This hour", DAY: "Today", WEEK: "This week", MONTH: "This month" } as const;

type Points = NonNullable<Answer["trend"]>;

interface Props extends CardStanding {
  trend: Points;
  earlier: Points | undefined;
  view: View;
  choice: TrendChoice;
}

/** One figure over time, and the days it is compared with. */
export function Trend({ trend, earlier, view, choice, ...standing }: Props) {
  const { format, shop } = useSession();
  const { label, unit } = FIGURES[choice.figure];
  const points = soFar(trend, useHour(shop.timezone));
  const rows = points.map((point, place) => ({ ...point, before: earlier?.[place] }));
  return (
    <Card
      title={label}
      className="trend"
      {...standing}
      fresh={choice.figure === "customers" ? standing.fresh : without(standing.fresh, "customers_by_hour")}
      height={340}
      {...(view.running && { note: `${NOW[choice.granularity]} is not over` })}
      controls={<Choices choice={choice} />}
      table={{
        caption: `${label} by ${GRANULARITIES[choice.granularity].toLowerCase()}, days of ${shop.timezone}`,
        each: EACH[choice.granularity],
        columns: [
          {
            name: "period",
            label: GRANULARITIES[choice.granularity],
            value: (row) => row.label,
            time: true,
            shown: (row) => format.period(row.label),
          },
          { name: "value", label, unit, value: (row) => row.value },
          ...(earlier
            ? [
                {
                  name: "beforePeriod",
                  label: COMPARED[view.comparison],
                  value: (row: (typeof rows)[number]) => row.before?.label,
                  shown: (row: (typeof rows)[number]) => (row.before ? format.period(row.before.label) : "–"),
                },
                {
                  name: "beforeValue",
                  label: `${label} then`,
                  unit,
                  value: (row: (typeof rows)[number]) => row.before?.value,
                },
              ]
            : []),
        ],
        rows,
      }}
    >
      {[...points, ...(earlier ?? [])].some(({ value }) => value) ? (
        <LineChart
          title={label}
          points={points}
          before={earlier}
          beforeName={COMPARED[view.comparison]}
          unit={unit}
          running={view.running}
          height={340}
        />
      ) : (
        <State title="Nothing was sold in these days" />
      )}
    </Card>
  );
}

function Choices({ choice }: { choice: TrendChoice }) {
  return (
    <>
      <FigureSwitch figures={FIGURES} value={choice.figure} onChange={choice.choose} />
      {choice.possible.length > 1 && (
        <Switch
          label="By"
          value={choice.granularity}
          options={choice.possible.map((value) => ({ value, label: GRANULARITIES[value] }))}
          onChange={choice.divide}
        />
      )}
    </>
  );
}
