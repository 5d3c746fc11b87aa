import { useMemo } from "react";
import { platformName } from "@/shared/format";
import { useSession } from "@/shared/session";
import type { Column, Each } from "@/shared/table";
import { BigTable } from "@/shared/ui/big-table";
import { Card, type CardStanding } from "@/shared/ui/card";
import { ProductLink } from "@/shared/ui/product-link";
import { Switch } from "@/shared/ui/switch";
import { useChoice } from "@/shared/view";
import { KINDS, type Kind, ofKind, type Product } from "./products";

const COLUMNS: Column<Product>[] = [
  { name: "name", label: "Product", value: (row) => row.name, drawn: (row) => <ToProduct product={row} /> },
  { name: "productId", label: "Id", value: (row) => row.groupId },
  { name: "platform", label: "Platform", value: (row) => row.platform, shown: (row) => platformName(row.platform) },
  { name: "units", label: "Units", unit: "count", value: (row) => row.units },
  { name: "averagePrice", label: "Average price", unit: "money", value: (row) => row.averagePrice },
  { name: "grossSales", label: "Gross sales", unit: "money", value: (row) => row.grossSales },
  { name: "discounts", label: "Discounts", unit: "money", value: (row) => row.discounts },
  { name: "returns", label: "Returns", unit: "money", value: (row) => row.returns },
  { name: "returnRate", label: "Returned", unit: "percent", value: (row) => row.returnRate },
  { name: "netSales", label: "Net sales", unit: "money", value: (row) => row.netSales },
  { name: "share", label: "Share", unit: "percent", value: (row) => row.share },
  { name: "cost", label: "Cost", unit: "money", value: (row) => row.cost },
  { name: "costCoverage", label: "Cost known", unit: "percent", value: (row) => row.costCoverage },
  { name: "profit", label: "Profit", unit: "money", value: (row) => row.profit },
  { name: "margin", label: "Margin", unit: "percent", value: (row) => row.margin },
];
const USUAL = ["name", "platform", "units", "returnRate", "netSales", "share", "profit", "margin"];
const EACH: Each = ["product", "products"];
const KIND_NAMES = Object.keys(KINDS) as Kind[];

const keyOf = ({ platform, groupId }: Product) => `${platform} ${groupId}`;
const textOf = ({ name, groupId, platform }: Product) => `${name} ${groupId ?? ""} ${platform}`;

/** Every product, to sort, to search and to open. */
export function ProductTable({ products, full, ...standing }: { products: Product[]; full: boolean } & CardStanding) {
  const { format } = useSession();
  const [kind, choose] = useChoice("only", KIND_NAMES, "all");
  const rows = useMemo(() => ofKind(products, kind), [products, kind]);
  return (
    <Card
      title="All products"
      {...standing}
      height={640}
      note={
        full
          ? `The ${format.figure(products.length, "count")} with most net sales; there are more`
          : "Net sales are gross sales less discounts and returns; profit is of what has a cost"
      }
      empty="No product was sold in these days"
      download={{ caption: "Products", each: EACH, columns: COLUMNS, rows: products }}
      controls={
        <Switch
          label="Which products"
          value={kind}
          options={KIND_NAMES.map((value) => ({ value, label: KINDS[value] }))}
          onChange={choose}
        />
      }
    >
      <BigTable
        caption="Products"
        each={EACH}
        columns={COLUMNS}
        rows={rows}
        keyOf={keyOf}
        textOf={textOf}
        searchLabel="Search products"
        usualOrder="-netSales"
        usualColumns={USUAL}
        height={622}
      />
    </Card>
  );
}

function ToProduct({ product: { groupId, platform, name } }: { product: Product }) {
  if (groupId === null) return name;
  return (
    <ProductLink platform={platform} productId={groupId}>
      {name}
    </ProductLink>
  );
}
