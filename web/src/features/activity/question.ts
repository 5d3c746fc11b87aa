import type { ResultOf } from "gql.tada";
import { graphql } from "@/shared/graph";

/** All figures of the page in one question, so that they are of one version; what happened last is looked at more often. */
export const ACTIVITY = graphql(`
  query Activity($days: DateRangeInput!, $before: DateRangeInput, $compared: Boolean!, $platform: String!) {
    days: activityTrends(period: CUSTOM, dateRange: $days, platform: $platform) {
      day visitors visits views carts checkouts signups orders visitOrders conversion
    }
    earlier: activityTrends(period: CUSTOM, dateRange: $before, platform: $platform) @include(if: $compared) {
      day visitors visits views carts checkouts signups orders visitOrders conversion
    }
    items: topItems(period: CUSTOM, dateRange: $days, platform: $platform, sort: VIEWS, limit: 8) {
      productId platform name views carts cartRate conversion
    }
    platforms: activityByPlatform(period: CUSTOM, dateRange: $days, platform: $platform) {
      platform visits views carts checkouts signups visitOrders conversion
    }
  }
`);

export type Answer = ResultOf<typeof ACTIVITY>;
