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
