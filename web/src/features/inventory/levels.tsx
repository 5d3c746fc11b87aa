import { useMemo } from "react";
import { platformName } from "@/shared/format";
import { useSession } from "@/shared/session";
import { MOST_SKUS, type Sku, STATES } from "@/shared/stock";
import { type Column, csv, download, type Each, type Table } from "@/shared/table";
import { Badge, type Mood } from "@/shared/ui/badge";
import { BigTable } from "@/shared/ui/big-table";
import { Card, type CardStanding } from "@/shared/ui/card";
import { ProductLink } from "@/shared/ui/product-link";
import { Switch } from "@/shared/ui/switch";
import { useChoice } from "@/shared/view";
import { LISTS, type List, listed, orderAtLeast } from "./skus";

/** How many days an order for more takes; 0 is not known. */
export const LEADS = ["0", "7", "14", "30", "60"] as const;
export type Lead = (typeof LEADS)[number];

const MOODS: Record<Sku["state"], Mood> = { out: "bad", reorder: "warn", dead: "none", well: "good", unknown: "none" };
const COLUMNS: Column<Sku>[] = [
  {
    name: "name",
    label: "Product",
    value: (row) => row.name,
    drawn: (row) => <ProductLink {...row}>{row.name}</ProductLink>,
  },
  { name: "sku", label: "SKU", value: (row) => row.sku },
  { name: "platform", label: "Platform", value: (row) => row.platform, shown: (row) => platformName(row.platform) },
  {
    name: "state",
    label: "Standing",
    value: (row) => row.state,
    drawn: (row) => <Badge mood={MOODS[row.state]}>{STATES[row.state]}</Badge>,
  },
  { name: "class", label: "Class", value: (row) => row.class },
  { name: "onHand", label: "On hand", unit: "count", value: (row) => row.onHand },
  { name: "available", label: "Available", unit: "count", value: (row) => row.available },
  { name: "incoming", label: "On the way", unit: "count", value: (row) => row.incoming },
  { name: "velocity", label: "Sold a day", unit: "ratio", value: (row) => row.velocity },
  { name: "daysOfInventory", label: "Days left", unit: "ratio", value: (row) => row.daysOfInventory },
  { name: "reorderPoint", label: "Order again at", unit: "ratio", value: (row) => row.reorderPoint },
  { name: "orderAtLeast", label: "Order at least", unit: "count", value: orderAtLeast },
  { name: "stockoutRisk", label: "Risk of running out", unit: "percent", value: (row) => row.stockoutRisk },
  { name: "stockValue", label: "Value at cost", unit: "money", value: (row) => row.stockValue },
  { name: "sellThrough", label: "Sell-through", unit: "percent", value: (row) => row.sellThrough },
  { name: "grossSales", label: "Gross sales", unit: "money", value: (row) => row.grossSales },
];
const USUAL =
  "name platform state class available incoming daysOfInventory reorderPoint orderAtLeast stockoutRisk stockValue".split(
    " ",
  );
const EACH: Each = ["product", "products"];
const keyOf = ({ platform, productId }: Sku) => `${platform} ${productId}`;
const textOf = ({ name, sku, productId }: Sku) => `${name} ${sku ?? ""} ${productId}`;

/** What a buyer needs to order. */
function orderList(rows: readonly Sku[]): Table<Sku> {
  const needed = "name sku platform available incoming velocity daysOfInventory reorderPoint orderAtLeast".split(" ");
  const id: Column<Sku> = { name: "productId", label: "Id", value: (row) => row.productId };
  return {
    caption: "Order list",
    each: EACH,
    columns: [id, ...COLUMNS.filter(({ name }) => needed.includes(name))],
    rows,
  };
}

interface Props extends CardStanding {
  skus: readonly Sku[];
  lead: Lead;
  expect: (lead: Lead) => void;
}

/** Every product with its stock: all of them, those to order, those that do not sell, or one class. */
export function Levels({ skus, lead, expect, ...standing }: Props) {
  const { format, shop } = useSession();
  const [list, choose] = useChoice("list", Object.keys(LISTS) as List[], "all");
  const rows = useMemo(() => listed(skus, list), [skus, list]);
  const short = useMemo(() => listed(skus, "order"), [skus]);
  const assumed =
    lead === "0"
      ? "Choose how long a delivery takes to see when to order"
      : `Ordered then, stock lasts through ${lead} days of delivery in 95 of 100 cases`;
  return (
    <Card
      title="Stock of each product"
      className="levels"
      {...standing}
      height={640}
      empty="No product is known yet"
      note={`${assumed}. Class A makes 80% of sales, B the next 15%${skus.length >= MOST_SKUS ? `. The ${format.figure(MOST_SKUS, "count")} products that sold most` : ""}`}
      download={{ caption: "Stock of each product", each: EACH, columns: COLUMNS, rows }}
      controls={
        <>
          <Switch<List>
            label="Which products"
            value={list}
            options={(Object.keys(LISTS) as List[]).map((value) => ({ value, label: LISTS[value] }))}
            onChange={choose}
          />
          <Switch<Lead>
            label="Lead time"
            told
            value={lead}
            options={LEADS.map((value) => ({ value, label: value === "0" ? "Unknown" : `${value} days` }))}
            onChange={expect}
          />
          <button
            type="button"
            className="button small"
            disabled={short.length === 0}
            onClick={() => download(`${shop.slug}-order-list.csv`, "text/csv", csv(orderList(short)))}
          >
            Order list ({format.figure(short.length, "count")})
          </button>
        </>
      }
    >
      <BigTable
        caption="Each product with what lies in stock of it"
        each={EACH}
        columns={COLUMNS}
        rows={rows}
        keyOf={keyOf}
        textOf={textOf}
        searchLabel="Search products"
        usualOrder="-stockoutRisk"
        usualColumns={USUAL}
        height={622}
      />
    </Card>
  );
}
