import type { ResultOf } from "gql.tada";
import { graphql } from "@/shared/graph";

/** All figures of the page in one question, so that they are of one version. */
export const OVERVIEW = graphql(`
  query Overview(
    $days: DateRangeInput!
    $platform: String!
    $compare: Compare!
    $clock: Clock!
    $granularity: SalesTrendsGranularity!
  ) {
    sales: salesOverview(dateRange: $days, platform: $platform, compare: $compare, clock: $clock) {
      totalSales
      orders
      averageOrderValue
      customers
      growth { totalSales orders averageOrderValue customers }
    }
    salesTrend: salesTrends(metric: REVENUE, period: CUSTOM, dateRange: $days, platform: $platform, clock: $clock, granularity: $granularity) { label value }
    ordersTrend: salesTrends(metric: ORDERS, period: CUSTOM, dateRange: $days, platform: $platform, clock: $clock, granularity: $granularity) { label value }
    valueTrend: salesTrends(metric: AOV, period: CUSTOM, dateRange: $days, platform: $platform, clock: $clock, granularity: $granularity) { label value }
    customersTrend: salesTrends(metric: CUSTOMERS, period: CUSTOM, dateRange: $days, platform: $platform, clock: $clock, granularity: $granularity) { label value }
    net: netRevenue(dateRange: $days, period: CUSTOM, platform: $platform, clock: $clock) {
      totalRevenue
      totalExpenses
      netRevenue
      profitMarginPercentage
      refunds
    }
    months: monthlyTrends(months: 12, platform: $platform, clock: $clock) { month revenue expenses netProfit orderCount }
    expenses: expenseBreakdown(dateRange: $days, period: CUSTOM, platform: $platform) { category amount count percentage }
    products: topProducts(limit: 6, sortBy: REVENUE, dateRange: $days, period: CUSTOM, platform: $platform) {
      productId
      platform
      name
      totalSold
      revenue
      profitMargin
    }
  }
`);

export type Answer = ResultOf<typeof OVERVIEW>;
