import { questionOf } from "@/shared/figures";
import { useFigures } from "@/shared/graph";
import { useMetric } from "@/shared/rest";
import { useSession } from "@/shared/session";
import { MOST_SKUS, type Sku } from "@/shared/stock";
import { Kpi } from "@/shared/ui/kpi";
import { useChoice, useView } from "@/shared/view";
import { Classes } from "./classes";
import { LEADS, type Lead, Levels } from "./levels";
import { OverTime } from "./over-time";
import { INVENTORY } from "./question";
import "./inventory.css";

/** What lies in stock, how long it lasts, and what to order. */
export default function Inventory() {
  const { shop, format } = useSession();
  const view = useView(shop.timezone);
  const [lead, expect] = useChoice<Lead>("lead", LEADS, "14");
  const { days, platform } = questionOf(view);
  const figures = useFigures(INVENTORY, { days, platform });
  const { rows, ...standing } = useMetric<Sku>("sku_analysis", {
    limit: MOST_SKUS,
    lead_days: lead,
    from: view.range.from,
    to: view.range.to,
    platform,
  });
  const of = {
    fresh: figures.freshOf("stock"),
    pending: figures.pending,
    problem: figures.problemOf("stock"),
    again: figures.again,
  };
  const stock = figures.data?.stock;
  return (
    <div className="page">
      <div className="kpis">
        <Kpi
          title="Stock at cost"
          unit="money"
          value={stock?.stockValue}
          note={`${format.figure(stock?.onHand, "count")} units of ${format.figure(stock?.productsInStock, "count")} products`}
          {...of}
        />
        <Kpi
          title="Days of inventory"
          unit="ratio"
          value={stock?.daysOfInventory}
          note={`until sold out · ${format.figure(stock?.incoming, "count")} more on the way`}
          {...of}
        />
        <Kpi title="Turnover" unit="ratio" value={stock?.turnover} note="times a year, at this pace" {...of} />
        <Kpi title="Sell-through" unit="percent" value={stock?.sellThrough} note="of what there was to sell" {...of} />
      </div>
      <OverTime view={view} />
      <Classes skus={rows} {...standing} />
      <Levels skus={rows} lead={lead} expect={expect} {...standing} />
    </div>
  );
}
