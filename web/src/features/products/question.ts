import type { ResultOf, VariablesOf } from "gql.tada";
import { graphql } from "@/shared/graph";

/** One product in the days looked at, and in each of twelve periods: there is no series of a single product to ask for. */
export const PRODUCT = graphql(`
  query Product(
    $id: ID!
    $platform: String!
    $days: DateRangeInput!
    $compare: Compare!
    $clock: Clock!
    $d0: DateRangeInput!
    $d1: DateRangeInput!
    $d2: DateRangeInput!
    $d3: DateRangeInput!
    $d4: DateRangeInput!
    $d5: DateRangeInput!
    $d6: DateRangeInput!
    $d7: DateRangeInput!
    $d8: DateRangeInput!
    $d9: DateRangeInput!
    $d10: DateRangeInput!
    $d11: DateRangeInput!
  ) {
    product: productPerformance(productId: $id, platform: $platform, period: CUSTOM, dateRange: $days, compare: $compare, clock: $clock) {
      name units returnedUnits returnRate grossSales discounts returns revenue netSales
      averagePrice costCoverage profit profitMargin share
      growth { units revenue profit }
    }
    p0: productPerformance(productId: $id, platform: $platform, period: CUSTOM, dateRange: $d0, compare: NONE, clock: $clock) { name units revenue profit }
    p1: productPerformance(productId: $id, platform: $platform, period: CUSTOM, dateRange: $d1, compare: NONE, clock: $clock) { name units revenue profit }
    p2: productPerformance(productId: $id, platform: $platform, period: CUSTOM, dateRange: $d2, compare: NONE, clock: $clock) { name units revenue profit }
    p3: productPerformance(productId: $id, platform: $platform, period: CUSTOM, dateRange: $d3, compare: NONE, clock: $clock) { name units revenue profit }
    p4: productPerformance(productId: $id, platform: $platform, period: CUSTOM, dateRange: $d4, compare: NONE, clock: $clock) { name units revenue profit }
    p5: productPerformance(productId: $id, platform: $platform, period: CUSTOM, dateRange: $d5, compare: NONE, clock: $clock) { name units revenue profit }
    p6: productPerformance(productId: $id, platform: $platform, period: CUSTOM, dateRange: $d6, compare: NONE, clock: $clock) { name units revenue profit }
    p7: productPerformance(productId: $id, platform: $platform, period: CUSTOM, dateRange: $d7, compare: NONE, clock: $clock) { name units revenue profit }
    p8: productPerformance(productId: $id, platform: $platform, period: CUSTOM, dateRange: $d8, compare: NONE, clock: $clock) { name units revenue profit }
    p9: productPerformance(productId: $id, platform: $platform, period: CUSTOM, dateRange: $d9, compare: NONE, clock: $clock) { name units revenue profit }
    p10: productPerformance(productId: $id, platform: $platform, period: CUSTOM, dateRange: $d10, compare: NONE, clock: $clock) { name units revenue profit }
    p11: productPerformance(productId: $id, platform: $platform, period: CUSTOM, dateRange: $d11, compare: NONE, clock: $clock) { name units revenue profit }
  }
`);

export type Answer = ResultOf<typeof PRODUCT>;
export type Variables = VariablesOf<typeof PRODUCT>;

/** The answers to the twelve periods, oldest first. */
export function series(answer: Answer) {
  const { p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11 } = answer;
  return [p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11];
}

/** The twelve ranges under the names that the question has for them. */
export function ranged(ranges: readonly { from: string; to: string }[]) {
  const named = ranges.map(({ from, to }, place) => [`d${place}`, { startDate: from, endDate: to }]);
  return Object.fromEntries(named) as Pick<Variables, Extract<keyof Variables, `d${number}`>>;
}
