import { expect, test } from "vitest";
import { stepsOf } from "./steps";

const PROFIT = {
  grossSales: 110,
  discounts: 5,
  returns: 5,
  netSales: 100,
  costedSales: 105,
  costOfGoods: 40,
  costCoverage: 100,
  grossProfit: 65,
  grossMargin: 61.9,
  contributionMargin: 60,
  shipping: 7,
  expenses: 20,
  netProfit: 47,
  netMargin: 47,
  profitBeforeGoods: 87,
} as const;

/** Every sum is what stands above it, added up. */
function addsUp(profit: Parameters<typeof stepsOf>[0]): string {
  let sum = 0;
  for (const { value, sum: told } of stepsOf(profit)) {
    if (told) expect(value).toBe(sum);
    else sum += value ?? 0;
  }
  return stepsOf(profit).at(-1)?.name ?? "";
}

test("the steps add up to the net profit where every cost is known", () => {
  expect(addsUp(PROFIT)).toBe("netProfit");
});

test("and without some costs to what is left before the cost of goods", () => {
  expect(addsUp({ ...PROFIT, costCoverage: 90, contributionMargin: null, netProfit: null })).toBe("profitBeforeGoods");
});
