import { expect, test } from "vitest";
import { type ActivityDay, moved, steps, summed } from "./visits";

function day(visits: number | null, visitOrders: number | null = 0, carts: number | null = 0): ActivityDay {
  const known = visits === null ? null : 0;
  const none = {
    day: "",
    visitors: known,
    views: known,
    checkouts: known,
    signups: known,
    orders: 9,
    conversion: null,
  };
  return { ...none, visits, visitOrders, carts };
}

test("sums are of the days that are known, and conversion is of all their visits", () => {
  const { visits, visitOrders, conversion } = summed([day(null, null), day(10, 1), day(30, 1)]);
  expect([visits, visitOrders, conversion]).toEqual([40, 2, 5]);
  expect(summed([day(null, null)]).conversion).toBeNull();
  expect(summed([day(0)]).conversion).toBeNull();
});

test("a day that is not over is not compared, nor the one it would be compared with", () => {
  const now = [day(20, 2), day(1)];
  const before = [day(10, 2), day(500, 50)];
  expect(moved(now, before, true)).toMatchObject({ visits: 1, conversion: -0.5 });
  expect(moved(now, before, false).visits).toBeCloseTo((21 - 510) / 510);
});

test("nothing is told of days before that are not known, or of none", () => {
  expect(moved([day(5)], [day(null, null)], false).visits).toBeNull();
  expect(moved([day(5)], [], false).visits).toBeNull();
  expect(moved([day(5)], [day(5)], true).visits).toBeNull();
});

test("each step is told for a hundred visits", () => {
  expect(steps(summed([day(200, 3, 40)])).map(({ rate }) => rate)).toEqual([100, 0, 20, 0, 1.5]);
});
