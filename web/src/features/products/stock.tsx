import { useMetric } from "@/shared/rest";
import { useSession } from "@/shared/session";
import { LEAD_DAYS, MOST_SKUS, type Sku, STATES } from "@/shared/stock";
import { Card, type CardStanding } from "@/shared/ui/card";
import { Lines } from "@/shared/ui/lines";

interface Standing extends CardStanding {
  row: Sku | undefined;
  loaded: boolean;
}

/** The product among those that stock is analysed of, by the sales of the last 28 days. */
export function useStock(platform: string, id: string): Standing {
  const { rows, ...standing } = useMetric<Sku>("sku_analysis", { limit: MOST_SKUS, lead_days: LEAD_DAYS, platform });
  return { ...standing, row: rows.find(({ productId }) => productId === id), loaded: standing.fresh !== undefined };
}

/** What lies in stock, how long it lasts, and when to order again. */
export function Stock({ row, loaded: _, ...standing }: Standing) {
  const { format } = useSession();
  const risk = row?.stockoutRisk;
  return (
    <Card
      title="Stock"
      {...standing}
      height={260}
      empty={`Not among the ${format.figure(MOST_SKUS, "count")} products whose stock is analysed`}
      note={`As it sold in the last 28 days, if an order for more takes ${LEAD_DAYS} days`}
      download={{
        caption: "Stock",
        each: ["figure", "figures"],
        columns: [
          { name: "figure", label: "Figure", value: ([name]: [string, unknown]) => name },
          { name: "value", label: "Value", value: ([, value]: [string, string | number | null]) => value },
        ],
        rows: Object.entries(row ?? {}),
      }}
    >
      {row && (
        <Lines
          lines={[
            ["Standing", STATES[row.state]],
            ["On hand", `${format.figure(row.onHand, "count")} (${format.figure(row.reserved, "count")} promised)`],
            ["On the way", format.figure(row.incoming, "count")],
            ["Value at cost", format.figure(row.stockValue, "money")],
            [
              "Lasts",
              row.daysOfInventory === null ? "–" : `${format.figure(row.daysOfInventory, "ratio")} days`,
              `at ${format.figure(row.velocity, "ratio")} a day`,
            ],
            ["Order again at", row.reorderPoint === null ? "–" : `${format.figure(row.reorderPoint, "ratio")} units`],
            ["Risk of running out", format.figure(risk, "percent")],
            ["Class", row.class, "A: the first 80% of sales, B: the next 15%"],
          ]}
        />
      )}
    </Card>
  );
}
