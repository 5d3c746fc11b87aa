import type { ResultOf } from "gql.tada";
import { graphql } from "@/shared/graph";

/** What lies in stock and how fast it sells; the single products are too many for a question about a whole page. */
export const INVENTORY = graphql(`
  query Inventory($days: DateRangeInput!, $platform: String!) {
    stock: inventoryKpis(period: CUSTOM, dateRange: $days, platform: $platform) {
      productsInStock onHand reserved available incoming stockValue averageValue
      unitsSold costOfGoodsSold turnover sellThrough daysOfInventory gmroi
    }
  }
`);

export type Answer = ResultOf<typeof INVENTORY>;
