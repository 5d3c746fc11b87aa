import type { ResultOf } from "gql.tada";
import { graphql } from "@/shared/graph";

export const SALES = graphql(`
  query Sales(
    $days: DateRangeInput!
    $before: DateRangeInput
    $compared: Boolean!
    $platform: String!
    $compare: Compare!
    $clock: Clock!
    $metric: Metric!
    $granularity: SalesTrendsGranularity!
  ) {
    sales: salesOverview(dateRange: $days, platform: $platform, compare: $compare, clock: $clock) {
      grossSales discounts returns netSales shipping tax totalSales
      orders units averageOrderValue customers newCustomers returningCustomers
      growth {
        grossSales discounts returns netSales shipping tax totalSales
        orders units averageOrderValue newCustomers returningCustomers
      }
    }
    trend: salesTrends(metric: $metric, period: CUSTOM, dateRange: $days, platform: $platform, clock: $clock, granularity: $granularity) { label value }
    earlier: salesTrends(metric: $metric, period: CUSTOM, dateRange: $before, platform: $platform, clock: $clock, granularity: $granularity) @include(if: $compared) { label value }
    platforms: platformComparison(dateRange: $days, period: CUSTOM, platform: $platform, compare: $compare, clock: $clock) {
      platform orders units netSales averageOrderValue share returnRate
      growth { netSales }
    }
  }
`);

/** Asked by itself: 168 hours beside a year of days would be too much for one question. */
export const HOURS = graphql(`
  query Hours($days: DateRangeInput!, $platform: String!, $clock: Clock!) {
    hours: trafficPatterns(dateRange: $days, period: CUSTOM, platform: $platform, clock: $clock) {
      weekday hour orders ordersPerHour netSalesPerHour
    }
  }
`);

export type Answer = ResultOf<typeof SALES>;
export type Hour = NonNullable<ResultOf<typeof HOURS>["hours"]>[number];
