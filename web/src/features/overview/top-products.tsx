import { platformName } from "@/shared/format";
import { useSession } from "@/shared/session";
import { Card, type CardStanding } from "@/shared/ui/card";
import { ProductLink } from "@/shared/ui/product-link";
import type { Answer } from "./question";

type Product = NonNullable<Answer["products"]>[number];

/** What sold best, by what it brought. */
export function TopProducts({ products, ...standing }: { products: Product[] } & CardStanding) {
  const { format } = useSession();
  const every = new Set(products.map(({ platform }) => platform)).size > 1;
  const most = Math.max(...products.map(({ revenue }) => revenue), 0);
  return (
    <Card
      title="Top products"
      className="products"
      {...standing}
      height={330}
      empty="No product was sold in these days"
      note="By revenue; returns are not taken off"
      table={{
        caption: "The products that brought most",
        each: ["product", "products"],
        columns: [
          { name: "name", label: "Product", value: (row: Product) => row.name },
          {
            name: "platform",
            label: "Platform",
            value: (row: Product) => row.platform,
            shown: (row: Product) => platformName(row.platform),
          },
          { name: "totalSold", label: "Units", unit: "count", value: (row: Product) => row.totalSold },
          { name: "revenue", label: "Revenue", unit: "money", value: (row: Product) => row.revenue },
          { name: "profitMargin", label: "Margin", unit: "percent", value: (row: Product) => row.profitMargin },
        ],
        rows: products,
      }}
    >
      <ol className="ranking">
        {products.map(({ productId, platform, name, totalSold, revenue, profitMargin }) => (
          <li key={`${platform} ${productId}`}>
            <span>
              <ProductLink platform={platform} productId={productId}>
                {name}
              </ProductLink>
            </span>
            <b>{format.figure(revenue, "money")}</b>
            <svg width="100%" height="4" aria-hidden="true">
              <rect
                width={`${most > 0 ? (Math.max(0, revenue) / most) * 100 : 0}%`}
                height="4"
                rx="2"
                fill="var(--series-1)"
              />
            </svg>
            <span className="note">
              {every && `${platformName(platform)} · `}
              {format.figure(totalSold, "count")} sold ·{" "}
              {profitMargin === null ? "margin unknown" : `${format.figure(profitMargin, "percent")} margin`}
            </span>
          </li>
        ))}
      </ol>
    </Card>
  );
}
