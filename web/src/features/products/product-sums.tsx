import { platformName } from "@/shared/format";
import { useSession } from "@/shared/session";
import { Card, type CardStanding } from "@/shared/ui/card";
import { Lines } from "@/shared/ui/lines";
import type { Answer } from "./question";

/** From gross sales to net sales, and what else is told of a product. */
export function ProductSums({
  product,
  platform,
  ...standing
}: { product: Answer["product"]; platform: string } & CardStanding) {
  const { format } = useSession();
  return (
    <Card
      title="What its sales are made of"
      {...standing}
      height={260}
      download={{
        caption: "What its sales are made of",
        each: ["figure", "figures"],
        columns: [
          { name: "figure", label: "Figure", value: ([name]: [string, unknown]) => name },
          { name: "value", label: "Value", value: ([, value]: [string, string | number | null]) => value },
        ],
        rows: Object.entries(product ?? {}).filter(([name]) => !["name", "growth", "__typename"].includes(name)),
      }}
      empty="Not sold in these days"
    >
      {product && (
        <Lines
          lines={[
            ["Gross sales", format.figure(product.grossSales, "money")],
            ["Discounts", format.figure(-product.discounts, "money")],
            ["Returns", format.figure(-product.returns, "money")],
            ["Net sales", format.figure(product.netSales, "money")],
            ["Average price", format.figure(product.averagePrice, "money")],
            [
              "Units returned",
              `${format.figure(product.returnedUnits, "count")} of ${format.figure(product.units, "count")} (${format.figure(product.returnRate, "percent")})`,
            ],
            [`Share of the revenue on ${platformName(platform)}`, format.figure(product.share, "percent")],
          ]}
        />
      )}
    </Card>
  );
}
