/** From one row for each cohort and month to one row for each cohort. Pure. */

import type { Answer } from "./question";

export type Month = NonNullable<Answer["retention"]>["cohorts"][number];

export interface Cohort {
  name: string;
  size: number;
  /** In percent, by the months since; null from the month on that is not over. */
  shares: (number | null)[];
}

export function cohortsOf(months: readonly Month[]): Cohort[] {
  const cohorts = new Map<string, Cohort>();
  for (const { cohort, size, monthsSince, retention } of months) {
    const row = cohorts.get(cohort) ?? { name: cohort, size, shares: [] };
    row.shares[monthsSince] = retention;
    cohorts.set(cohort, row);
  }
  return [...cohorts.values()];
}

/** Of all customers whose month of purchase lies so far back, how many came again in that month; unknown where none does. */
export function averageAfter(months: readonly Month[], since: number): number | null {
  const known = months.filter(({ monthsSince, customers }) => monthsSince === since && customers !== null);
  const people = known.reduce((sum, { size }) => sum + size, 0);
  return people > 0 ? (known.reduce((sum, { customers }) => sum + (customers ?? 0), 0) / people) * 100 : null;
}
