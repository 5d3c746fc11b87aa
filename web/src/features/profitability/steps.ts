/** From net sales to what is left, step by step. Pure. */

import type { Answer } from "./question";

type Profit = NonNullable<Answer["profit"]>;

export interface Step {
  name: string;
  label: string;
  /** Unknown where it depends on a cost that was not recorded. */
  value: number | null;
  sum?: boolean;
}

/**
 * Where every cost is known, down to the net profit; else the cost of goods is left out of the sum and stands beside it,
 * as what is known of it.
 */
export function stepsOf(profit: Profit): Step[] {
  const whole = profit.contributionMargin !== null;
  return [
    { name: "grossSales", label: "Gross sales", value: profit.grossSales },
    { name: "discounts", label: "Discounts", value: -profit.discounts },
    { name: "returns", label: "Returns", value: -profit.returns },
    { name: "netSales", label: "Net sales", value: profit.netSales, sum: true },
    ...(whole
      ? [
          { name: "costOfGoods", label: "Cost of goods sold", value: -profit.costOfGoods },
          { name: "contributionMargin", label: "Contribution margin", value: profit.contributionMargin, sum: true },
        ]
      : []),
    { name: "shipping", label: "Shipping charged", value: profit.shipping },
    { name: "expenses", label: "Expenses", value: -profit.expenses },
    whole
      ? { name: "netProfit", label: "Net profit", value: profit.netProfit, sum: true }
      : {
          name: "profitBeforeGoods",
          label: "Left before the cost of goods",
          value: profit.profitBeforeGoods,
          sum: true,
        },
  ];
}
