/** Which products a list of stock holds. Pure. */

import type { Sku } from "@/shared/stock";

export const LISTS = { all: "All", order: "Order now", dead: "Does not sell", A: "A", B: "B", C: "C" } as const;
export type List = keyof typeof LISTS;

export function listed(skus: readonly Sku[], list: List): Sku[] {
  if (list === "all") return [...skus];
  if (list === "dead") return skus.filter(({ state }) => state === "dead");
  if (list === "order") return skus.filter(({ state }) => state === "out" || state === "reorder");
  return skus.filter((sku) => sku.class === list);
}

/** What brings a product back to where it should be ordered again, counting what is on its way; unknown without a lead time. */
export function orderAtLeast({ reorderPoint, available, incoming }: Sku): number | null {
  if (reorderPoint === null || available === null) return null;
  return Math.max(0, Math.ceil(reorderPoint - available - (incoming ?? 0)));
}

/** A product in the order of sales, and how much of all of them it and those before it make. */
export interface Ranked {
  sku: Sku;
  /** In percent. */
  share: number;
}

export function ranked(skus: readonly Sku[]): Ranked[] {
  const sold = skus.filter(({ grossSales }) => grossSales > 0).sort((one, other) => other.grossSales - one.grossSales);
  const whole = sold.reduce((sum, { grossSales }) => sum + grossSales, 0);
  let sum = 0;
  return sold.map((sku) => {
    sum += sku.grossSales;
    return { sku, share: (sum / whole) * 100 };
  });
}

export interface ClassSums {
  class: Sku["class"];
  products: number;
  grossSales: number;
  /** Unknown where it is of every product. */
  stockValue: number | null;
}

/** What each class sells, and what lies in stock of it. */
export function classes(skus: readonly Sku[]): ClassSums[] {
  return (["A", "B", "C"] as const).map((name) => {
    const own = skus.filter((sku) => sku.class === name);
    const worth = own.map(({ stockValue }) => stockValue).filter((value) => value !== null);
    return {
      class: name,
      products: own.length,
      grossSales: own.reduce((sum, { grossSales }) => sum + grossSales, 0),
      stockValue: worth.length > 0 ? worth.reduce((sum, value) => sum + value, 0) : null,
    };
  });
}
