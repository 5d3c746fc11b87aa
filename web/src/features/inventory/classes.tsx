import { Pareto } from "@/shared/charts";
import { useSession } from "@/shared/session";
import { MOST_SKUS, type Sku } from "@/shared/stock";
import { Card, type CardStanding } from "@/shared/ui/card";
import { type ClassSums, classes, ranked } from "./skus";

const COLOURS = { A: "var(--series-1)", B: "var(--series-2)", C: "var(--series-3)" } as const;

/** How few products make most of the sales, and how much of the stock lies in them. */
export function Classes({ skus, ...standing }: { skus: readonly Sku[] } & CardStanding) {
  const { format } = useSession();
  const sold = ranked(skus);
  const sums = classes(skus);
  const all = { sales: total(sums, "grossSales"), stock: total(sums, "stockValue") };
  const told = (row: ClassSums) =>
    `${share(row.grossSales, all.sales, format.figure)} of sales · ${format.figure(row.stockValue, "money")} in stock ` +
    `(${share(row.stockValue ?? 0, all.stock, format.figure)})`;
  return (
    <Card
      title="What sells, A to C"
      className="span-5"
      {...standing}
      height={300}
      empty="Nothing was sold in these days"
      {...(skus.length >= MOST_SKUS && {
        note: `Of the ${format.figure(MOST_SKUS, "count")} products that sold most`,
      })}
      table={{
        caption: "Products in the order of their sales, and what they make together",
        each: ["product", "products"],
        columns: [
          { name: "name", label: "Product", value: (row) => row.sku.name },
          { name: "class", label: "Class", value: (row) => row.sku.class },
          { name: "grossSales", label: "Gross sales", unit: "money", value: (row) => row.sku.grossSales },
          { name: "together", label: "With all above", unit: "percent", value: (row) => row.share },
          { name: "stockValue", label: "Stock at cost", unit: "money", value: (row) => row.sku.stockValue },
        ],
        rows: sold,
      }}
    >
      <Pareto
        title="Share of sales that the best products make together"
        parts={sold.map(({ sku, share }) => ({
          name: sku.name,
          value: sku.grossSales,
          share,
          colour: COLOURS[sku.class],
        }))}
        height={190}
      />
      <ul className="classes">
        {sums.map((row) => (
          <li key={row.class}>
            <i style={{ background: COLOURS[row.class] }} />
            <b>{row.class}</b>
            <span>
              {format.figure(row.products, "count")} {row.products === 1 ? "product" : "products"}
              <span className="note">{told(row)}</span>
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function total(sums: readonly ClassSums[], name: "grossSales" | "stockValue"): number {
  return sums.reduce((sum, row) => sum + (row[name] ?? 0), 0);
}

function share(part: number, whole: number, figure: (value: number | null, unit: "percent") => string): string {
  return figure(whole > 0 ? (part / whole) * 100 : null, "percent");
}
