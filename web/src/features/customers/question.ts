import type { ResultOf } from "gql.tada";
import { graphql } from "@/shared/graph";

/** All figures of the page in one question, so that they are of one version. */
export const CUSTOMERS = graphql(`
  query Customers($days: DateRangeInput!, $year: DateRangeInput!, $platform: String!, $by: CustomerSegmentsBy!) {
    insights: customerInsights(period: CUSTOM, dateRange: $days, platform: $platform) {
      customers newCustomers returningCustomers repeatCustomers repeatPurchaseRate loyalCustomers returningCustomerRate
      orders guestOrders averageOrders averageSpend averageDaysBetween
    }
    segments: customerSegments(by: $by, platform: $platform) {
      segment customers customerShare orders netSales salesShare averageValue averageOrders averageDaysSince
    }
    lifetime: customerLifetimeValue(customerId: "", platform: $platform) {
      customers orders lifetimeValue
      historic { total average median largest }
      predicted { purchases value total }
      model { fittedOn customers repeatCustomers holdoutError correlation }
    }
    retention: customerRetention(period: CUSTOM, dateRange: $year, horizon: 11, platform: $platform) {
      cohorts { cohort size monthsSince month customers retention }
    }
    growth: userGrowth(months: 12, platform: $platform) { month newCustomers customers newBuyers }
  }
`);

export type Answer = ResultOf<typeof CUSTOMERS>;
