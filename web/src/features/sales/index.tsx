import { against, questionOf } from "@/shared/figures";
import { useFigures } from "@/shared/graph";
import { useSession } from "@/shared/session";
import { Kpi } from "@/shared/ui/kpi";
import { useView } from "@/shared/view";
import { Breakdown } from "./breakdown";
import { HoursOfTheWeek } from "./hours";
import { Platforms } from "./platforms";
import { SALES } from "./question";
import { Trend } from "./trend";
import { useTrendChoice } from "./trend-choice";
import "./sales.css";

/** Sales of any days: how they went, what they are made of, where and when they come from. */
export default function Sales() {
  const { shop } = useSession();
  const view = useView(shop.timezone);
  const choice = useTrendChoice(view);
  const before = view.before && { startDate: view.before.from, endDate: view.before.to };
  const figures = useFigures(SALES, {
    ...questionOf(view),
    before,
    compared: before !== null,
    metric: choice.metric,
    granularity: choice.granularity,
  });
  const of = (field: "sales" | "trend" | "platforms") => ({
    fresh: figures.freshOf(field),
    pending: figures.pending,
    problem: figures.problemOf(field),
    again: figures.again,
  });
  const { data } = figures;
  const sales = data?.sales;
  const compared = view.comparison !== "none";
  const count = (title: string, name: "orders" | "units" | "newCustomers" | "returningCustomers") => (
    <Kpi
      title={title}
      unit="count"
      value={sales?.[name]}
      {...(compared && { growth: sales?.growth?.[name] ?? null })}
      against={against(view)}
      {...of("sales")}
    />
  );
  return (
    <div className="page">
      <Trend
        trend={data?.trend ?? []}
        earlier={data?.earlier ?? undefined}
        view={view}
        choice={choice}
        {...of("trend")}
      />
      <div className="kpis">
        {count("Orders", "orders")}
        {count("Units", "units")}
        {count("New customers", "newCustomers")}
        {count("Returning customers", "returningCustomers")}
      </div>
      <Breakdown sales={sales ?? null} compared={compared} {...of("sales")} />
      <Platforms platforms={data?.platforms ?? []} compared={compared} {...of("platforms")} />
      <HoursOfTheWeek view={view} />
    </div>
  );
}
