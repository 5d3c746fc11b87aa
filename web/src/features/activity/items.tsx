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
  { name: "views", label: "Looks", unit: "count", value: (row) => row.views },
  { name: "carts", label: "Carts", unit: "count", value: (row) => row.carts },
  { name: "cartRate", label: "Carts of looks", unit: "percent", value: (row) => row.cartRate },
  { name: "conversion", label: "Orders of looks", unit: "percent", value: (row) => row.conversion },
];

/** What is looked at most, and whether it is bought. */
export function Items({ view: { range, platform } }: { view: View }) {
  const { rows, ...standing } = useMetric<Item>("top_items", { ...range, platform, sort: "views", limit: 8 });
  const table = { caption: "The products looked at most often, and what became of it", columns: COLUMNS, rows };
  return (
    <Card
      title="What is looked at most"
      className="span-7"
      {...standing}
      height={260}
      empty="No product was looked at in these days"
      download={table}
    >
      <DataTable {...table} />
    </Card>
  );
}
