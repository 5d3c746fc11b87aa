import { HeatMap } from "@/shared/charts";
import { questionOf } from "@/shared/figures";
import { useFigures } from "@/shared/graph";
import { useSession } from "@/shared/session";
import { Card } from "@/shared/ui/card";
import { Switch } from "@/shared/ui/switch";
import { useChoice, type View } from "@/shared/view";
import { HOURS } from "./question";
import { grid, WEEKDAYS } from "./week";

const HOURS_OF_DAY = Array.from({ length: 24 }, (_, hour) => `${String(hour).padStart(2, "0")}:00`);
const KINDS = { orders: "Orders", sales: "Net sales" } as const;

/** When people buy: what an hour of each weekday brings on average. */
export function HoursOfTheWeek({ view }: { view: View }) {
  const { shop, format } = useSession();
  const { days, platform, clock } = questionOf(view);
  const [kind, choose] = useChoice("hours", ["orders", "sales"] as const, "orders");
  const figures = useFigures(HOURS, { days, platform, clock });
  const hours = figures.data?.hours ?? [];
  const told = (value: number | null | undefined) =>
    kind === "sales" ? format.figure(value, "money") : value == null ? "–" : String(Math.round(value * 100) / 100);
  const values = grid(hours, kind);
  return (
    <Card
      title="Hours of the week"
      className="hours"
      fresh={figures.freshOf("hours")}
      pending={figures.pending}
      problem={figures.problemOf("hours")}
      again={figures.again}
      height={260}
      empty="Nothing was sold in these days"
      note={`What such an hour brings on average, by the clock of ${shop.timezone}`}
      controls={
        <Switch
          label="What"
          value={kind}
          options={(["orders", "sales"] as const).map((value) => ({ value, label: KINDS[value] }))}
          onChange={choose}
        />
      }
      table={{
        caption: "What each hour of the week brings on average",
        each: ["hour of the week", "hours of the week"],
        columns: [
          {
            name: "weekday",
            label: "Weekday",
            value: (row) => row.weekday,
            shown: (row) => WEEKDAYS[row.weekday - 1] ?? "",
          },
          { name: "hour", label: "Hour", value: (row) => row.hour, shown: (row) => HOURS_OF_DAY[row.hour] ?? "" },
          { name: "orders", label: "Orders", unit: "count", value: (row) => row.orders },
          { name: "ordersPerHour", label: "Orders an hour", unit: "count", value: (row) => row.ordersPerHour },
          { name: "netSalesPerHour", label: "Net sales an hour", unit: "money", value: (row) => row.netSalesPerHour },
        ],
        rows: hours.some(({ orders }) => orders > 0) ? hours : [],
      }}
    >
      <HeatMap
        title={`${KINDS[kind]} by hour and weekday`}
        rows={WEEKDAYS}
        columns={HOURS_OF_DAY.map((hour) => hour.slice(0, 2))}
        values={values}
        tell={(day, hour) =>
          `${WEEKDAYS[day]}, ${HOURS_OF_DAY[hour]}: ${told(values[day]?.[hour])} ${kind === "orders" ? "orders" : ""} an hour`.replace(
            "  ",
            " ",
          )
        }
      />
    </Card>
  );
}
