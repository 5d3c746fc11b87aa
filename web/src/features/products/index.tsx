import { useMetric } from "@/shared/rest";
import { useSession } from "@/shared/session";
import { Kpi } from "@/shared/ui/kpi";
import { useView } from "@/shared/view";
import { fewestFor, ofKind, productsOf, type Row } from "./products";
import { ProductTable } from "./table";
import "./products.css";

/** As many products as one answer holds. */
const MOST = 10_000;
const MAJORITY = 80;

/** Every product of the shop: what it sells, what it earns, what comes back. */
export default function Products() {
  const { shop, format } = useSession();
  const view = useView(shop.timezone);
  const { rows, ...standing } = useMetric<Row>("margin_analysis", {
    group_by: "product",
    sort: "net_sales",
    limit: MOST,
    from: view.range.from,
    to: view.range.to,
    platform: view.platform,
    clock: view.clock,
  });
  const products = productsOf(rows);
  const sold = products.filter(({ units }) => units > 0).length;
  const losing = ofKind(products, "loss").length;
  const uncosted = ofKind(products, "uncosted").length;
  const few = fewestFor(products, MAJORITY);
  // The table below says what is not known of costs; these counts do not depend on it.
  const counted = { ...standing, ...(standing.fresh && { fresh: { ...standing.fresh, warnings: [] } }) };
  return (
    <div className="products-page">
      <div className="kpis">
        <Kpi
          title="Products sold"
          unit="count"
          value={sold}
          note={`of ${format.figure(rows.length, "count")} with any sale or return`}
          {...counted}
        />
        <Kpi
          title={`Bring ${MAJORITY}% of net sales`}
          unit="count"
          value={few}
          note={few !== null && sold > 0 ? `${format.figure((few / sold) * 100, "percent")} of the products sold` : ""}
          {...counted}
        />
        <Kpi
          title="Sold at a loss"
          unit="count"
          value={losing}
          note={losing ? "below their cost" : "none, as far as costs are known"}
          {...counted}
        />
        <Kpi
          title="Without a cost"
          unit="count"
          value={uncosted}
          note={uncosted ? "so their profit is unknown" : "each has one, for some of its sales at least"}
          {...counted}
        />
      </div>
      <ProductTable products={products} full={rows.length >= MOST} {...standing} />
    </div>
  );
}
