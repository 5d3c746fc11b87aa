import { useToday } from "@/shared/clock";
import { addMonths, monthStart } from "@/shared/days";
import { questionOf, without } from "@/shared/figures";
import { useFigures } from "@/shared/graph";
import { useSession } from "@/shared/session";
import { Kpi } from "@/shared/ui/kpi";
import { useChoice, useView } from "@/shared/view";
import { Left } from "./left";
import { GROUPINGS, type Grouping, Margins } from "./margins";
import { Months } from "./months";
import { type Answer, PROFITABILITY } from "./question";
import { Representatives } from "./representatives";
import "./profitability.css";

/** What is earned, of what, and how much of the cost is known. */
export default function Profitability() {
  const { shop, format } = useSession();
  const view = useView(shop.timezone);
  const today = useToday(shop.timezone);
  const [by, group] = useChoice("by", Object.keys(GROUPINGS) as Grouping[], "category");
  const figures = useFigures(PROFITABILITY, {
    ...questionOf(view),
    by: GROUPINGS[by].group,
    year: { startDate: addMonths(monthStart(today), -11), endDate: today },
  });
  const of = (field: keyof Answer) => ({
    fresh: figures.freshOf(field),
    pending: figures.pending,
    problem: figures.problemOf(field),
    again: figures.again,
  });
  const { data } = figures;
  const profit = data?.profit;
  const { fresh, ...standing } = of("profit");
  // How much cost is not known is itself one of these figures.
  const told = { ...standing, fresh: without(fresh, "cost_coverage") };
  const unknown = profit && profit.netProfit === null ? "unknown until every cost is recorded" : "";
  return (
    <div className="page">
      <div className="kpis">
        <Kpi
          title="Gross profit"
          unit="money"
          value={profit?.grossProfit}
          note="of the sales whose cost is known"
          {...told}
        />
        <Kpi title="Gross margin" unit="percent" value={profit?.grossMargin} note="of those sales" {...told} />
        <Kpi
          title="Net profit"
          unit="money"
          value={profit?.netProfit}
          note={unknown || "after goods and all expenses"}
          {...told}
        />
        <Kpi
          title="Cost known"
          unit="percent"
          value={profit?.costCoverage}
          note={`of sales; ${format.figure(profit && profit.grossSales - profit.discounts - profit.costedSales, "money")} without`}
          {...told}
        />
      </div>
      <Months months={data?.months ?? []} {...of("months")} />
      <Left profit={profit ?? null} {...told} />
      <Margins margins={data?.margins ?? []} by={by} group={group} {...of("margins")} />
      <Representatives
        representatives={data?.representatives ?? []}
        compared={view.comparison !== "none"}
        {...of("representatives")}
      />
    </div>
  );
}
