import { Link, useParams } from "@tanstack/react-router";
import { useToday } from "@/shared/clock";
import { against, questionOf, without } from "@/shared/figures";
import { platformName } from "@/shared/format";
import { useFigures } from "@/shared/graph";
import { useSession } from "@/shared/session";
import { Icon } from "@/shared/ui/icon";
import { Kpi } from "@/shared/ui/kpi";
import { State } from "@/shared/ui/state";
import { useChoice, useView } from "@/shared/view";
import { periods, STEPS, type Step } from "./periods";
import { ProductSums } from "./product-sums";
import { ProductTrend } from "./product-trend";
import { PRODUCT, ranged, series } from "./question";
import { Stock, useStock } from "./stock";
import "./products.css";

/** One product: how it sells, what it earns, and how long its stock lasts. */
export default function ProductPage() {
  const { platform, product: id } = useParams({ strict: false }) as { platform: string; product: string };
  const { shop, format } = useSession();
  const view = useView(shop.timezone);
  const [step, choose] = useChoice("by", Object.keys(STEPS) as Step[], "months");
  const over = periods(step, useToday(shop.timezone));
  const { days, compare, clock } = questionOf(view);
  const figures = useFigures(PRODUCT, { id, platform, days, compare, clock, ...ranged(over) });
  const stock = useStock(platform, id);
  const { data } = figures;
  const of = (field: "product" | "p11") => ({
    // How much of the cost is known stands beside the margin.
    fresh: without(figures.freshOf(field), "cost_coverage"),
    pending: figures.pending,
    problem: figures.problemOf(field),
    again: figures.again,
  });
  const points = data ? series(data) : [];
  const now = data?.product;
  const name = now?.name ?? stock.row?.name ?? points.findLast((point) => point)?.name;
  const compared = view.comparison !== "none";
  const growth = (figure: "units" | "revenue" | "profit") => ({
    ...(compared && { growth: now?.growth?.[figure] ?? null }),
    against: against(view),
  });
  const unsold = data !== undefined && !now;
  return (
    <div className="product-page">
      <header className="product-name">
        <Link
          to="/products"
          search={((old: Record<string, string>) => ({ ...old, by: undefined })) as never}
          className="note"
        >
          <Icon name="left" /> All products
        </Link>
        <h2 dir="auto">{name ?? id}</h2>
        <p className="note">
          {platformName(platform)} · {id}
          {stock.row?.sku && ` · ${stock.row.sku}`}
        </p>
      </header>
      {unsold && points.every((point) => !point) && stock.loaded && !stock.row ? (
        <State title="There is no such product">
          <p>
            No product with the id {id} was sold or kept in stock on {platformName(platform)}.
          </p>
        </State>
      ) : (
        <>
          <div className="kpis">
            <Kpi
              title="Revenue"
              unit="money"
              value={unsold ? 0 : now?.revenue}
              {...growth("revenue")}
              {...of("product")}
            />
            <Kpi title="Units" unit="count" value={unsold ? 0 : now?.units} {...growth("units")} {...of("product")} />
            <Kpi title="Profit" unit="money" value={now?.profit} {...growth("profit")} {...of("product")} />
            <Kpi
              title="Margin"
              unit="percent"
              value={now?.profitMargin}
              note={known(now?.costCoverage, (share) => format.figure(share, "percent"))}
              {...of("product")}
            />
          </div>
          <ProductTrend over={over} points={points} step={step} choose={choose} {...of("p11")} />
          <ProductSums platform={platform} product={now ?? null} {...of("product")} />
          <Stock {...stock} />
        </>
      )}
    </div>
  );
}

function known(coverage: number | null | undefined, told: (share: number) => string): string {
  if (coverage == null || coverage === 100) return "";
  return coverage === 0 ? "its cost is not recorded" : `of the ${told(coverage)} of revenue whose cost is recorded`;
}
