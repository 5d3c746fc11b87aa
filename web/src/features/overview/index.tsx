import { useHour } from "@/shared/clock";
import { against, questionOf, soFar, usualGranularity } from "@/shared/figures";
import type { Unit } from "@/shared/format";
import { type Figures, useFigures } from "@/shared/graph";
import { useLive } from "@/shared/live";
import { useSession } from "@/shared/session";
import { Age } from "@/shared/ui/age";
import { Kpi } from "@/shared/ui/kpi";
import { useView, type View } from "@/shared/view";
import { Expenses } from "./expenses";
import { Months } from "./months";
import { NetRevenue } from "./net-revenue";
import { type Answer, OVERVIEW } from "./question";
import { TopProducts } from "./top-products";
import "./overview.css";

/** The page of each morning. */
export default function Overview() {
  const { shop } = useSession();
  const view = useView(shop.timezone);
  const hourly = view.days <= 2;
  const figures = useFigures(OVERVIEW, { ...questionOf(view), granularity: usualGranularity(view.days) });
  const of = (field: keyof Answer) => ({
    fresh: figures.freshOf(field),
    pending: figures.pending,
    problem: figures.problemOf(field),
    again: figures.again,
  });
  const { data } = figures;
  return (
    <div className="overview">
      <LiveCounts />
      <div className="kpis">
        <Headline figures={figures} view={view} title="Total sales" name="totalSales" trend="salesTrend" unit="money" />
        <Headline figures={figures} view={view} title="Orders" name="orders" trend="ordersTrend" unit="count" />
        <Headline
          figures={figures}
          view={view}
          title="Average order value"
          name="averageOrderValue"
          trend="valueTrend"
          unit="money"
        />
        <Headline
          figures={figures}
          view={view}
          title="Customers"
          name="customers"
          trend={hourly ? null : "customersTrend"}
          unit="count"
        />
      </div>
      <NetRevenue net={data?.net ?? null} {...of("net")} />
      <Months months={data?.months ?? []} {...of("months")} />
      <Expenses expenses={data?.expenses ?? []} {...of("expenses")} />
      <TopProducts products={data?.products ?? []} {...of("products")} />
    </div>
  );
}

interface HeadlineProps {
  figures: Figures<Answer>;
  view: View;
  title: string;
  name: "totalSales" | "orders" | "averageOrderValue" | "customers";
  trend: "salesTrend" | "ordersTrend" | "valueTrend" | "customersTrend" | null;
  unit: Unit;
}

function Headline({ figures, view, title, name, trend, unit }: HeadlineProps) {
  const { shop } = useSession();
  const hour = useHour(shop.timezone);
  const { data } = figures;
  return (
    <Kpi
      title={title}
      unit={unit}
      value={data?.sales?.[name]}
      {...(view.comparison !== "none" && { growth: data?.sales?.growth?.[name] ?? null })}
      against={against(view)}
      running={view.running}
      trend={trend ? soFar(data?.[trend] ?? [], hour).map(({ value }) => value) : []}
      fresh={figures.freshOf("sales")}
      pending={figures.pending}
      problem={figures.problemOf("sales")}
    />
  );
}

/** Counted now, not when the figures were. */
function LiveCounts() {
  const { format } = useSession();
  const { live } = useLive();
  if (!live) return null;
  const counts = { Orders: live.totalOrders, Products: live.totalProducts, Expenses: live.totalExpenses };
  return (
    <section className="live" aria-label="Live counts">
      <span className="pulse" aria-hidden="true" />
      <dl>
        {Object.entries(counts).map(([name, count]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{format.figure(count, "count")}</dd>
          </div>
        ))}
      </dl>
      <span className="note">
        counted <Age at={live.lastUpdated} />
      </span>
    </section>
  );
}
