import { expect, test } from "vitest";
import { averageAfter, cohortsOf, type Month } from "./cohorts";

const month = (cohort: string, size: number, monthsSince: number, customers: number | null): Month => ({
  cohort,
  size,
  monthsSince,
  month: cohort,
  customers,
  retention: customers === null ? null : (customers / size) * 100,
});
const MONTHS = [
  month("2026-01", 10, 0, 10),
  month("2026-01", 10, 1, 3),
  month("2026-02", 30, 0, 30),
  month("2026-02", 30, 1, null),
];

test("each cohort is one row, unknown from the month on that is not over", () => {
  expect(cohortsOf(MONTHS)).toEqual([
    { name: "2026-01", size: 10, shares: [100, 30] },
    { name: "2026-02", size: 30, shares: [100, null] },
  ]);
});

test("an average weighs cohorts by their customers and leaves out those it is not known of", () => {
  expect(averageAfter([...MONTHS, month("2025-12", 30, 1, 3)], 1)).toBe(15);
  expect(averageAfter(MONTHS, 2)).toBeNull();
});
