import type { ResultOf } from "gql.tada";
import { graphql } from "@/shared/graph";

/** All figures of the page in one question, so that they are of one version. */
export const PROFITABILITY = graphql(`
  query Profitability(
    $days: DateRangeInput!
    $platform: String!
    $compare: Compare!
    $clock: Clock!
    $by: GroupBy!
    $year: DateRangeInput!
  ) {
    profit: profitabilityMetrics(period: CUSTOM, dateRange: $days, platform: $platform, clock: $clock) {
      grossSales discounts returns netSales costedSales costOfGoods costCoverage grossProfit grossMargin
      contributionMargin shipping expenses netProfit netMargin profitBeforeGoods
    }
    margins: marginAnalysis(period: CUSTOM, dateRange: $days, platform: $platform, clock: $clock, groupBy: $by, limit: 100) {
      groupId platform name units netSales costedSales cost costCoverage profit margin
    }
    months: marginAnalysis(period: CUSTOM, dateRange: $year, platform: $platform, clock: $clock, groupBy: MONTH, limit: 13) {
      groupId netSales profit margin costCoverage
    }
    representatives: salesRepPerformance(period: CUSTOM, dateRange: $days, platform: $platform, clock: $clock, compare: $compare, limit: 50) {
      salesRepId platform name region orders units netSales averageOrderValue commissionRate commission share
      growth { netSales }
    }
  }
`);

export type Answer = ResultOf<typeof PROFITABILITY>;
