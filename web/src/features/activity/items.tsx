import type { Column } from "@/shared/table";
import { Card, type CardStanding } from "@/shared/ui/card";
import { DataTable } from "@/shared/ui/data-table";
import { ProductLink } from "@/shared/ui/product-link";
import type { Answer } from "./question";

type Item = NonNullable<Answer["items"]>[number];

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
export function Items({ items, ...standing }: { items: Item[] } & CardStanding) {
  const table = {
    caption: "The products viewed most often, and how many views led to a cart and to an order",
    each: ["product", "products"] as const,
    columns: COLUMNS,
    rows: items,
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
