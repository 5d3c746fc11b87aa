import { useMetric } from "@/shared/rest";
import type { Column } from "@/shared/table";
import { Card } from "@/shared/ui/card";
import { DataTable } from "@/shared/ui/data-table";
import { ProductLink } from "@/shared/ui/product-link";
import type { View } from "@/shared/view";

interface Item {
  productId: string;
  platform: string;
  name: string;
  views: number | null;
  carts: number | null;
  cartRate: number | null;
  conversion: number | null;
}

const COLUMNS: Column<Item>[] = [
  {
    name: "name",
    label: "Product",
    value: (row) => row.name,
    drawn: (row) => <ProductLink {...row}>{row.name}</ProductLink>,
  },
  { name: "views", label: "Views", unit: "count", value: (row) => row.views },
  { name: "carts", label: "Carts", unit: "count", value: (row) => row.carts },
  { name: "cartRate", label: "View to cart", unit: "percent", value: (row) => row.cartRate },
  { name: "conversion", label: "View to order", unit: "percent", value: (row) => row.conversion },
];

/** What is viewed most, and whether it is bought. */
export function Items({ view: { range, platform } }: { view: View }) {
  const { rows, ...standing } = useMetric<Item>("top_items", { ...range, platform, sort: "views", limit: 8 });
  const table = {
    caption: "The products viewed most often, and how many views led to a cart and to an order",
    columns: COLUMNS,
    rows,
  };
  return (
    <Card
      title="Most viewed products"
      className="span-7"
      {...standing}
      height={260}
      empty="No product was viewed in these days"
      download={table}
    >
      <DataTable {...table} />
    </Card>
  );
}
