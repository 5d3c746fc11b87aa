import { expect, test } from "vitest";
import type { Sku } from "@/shared/stock";
import { listed } from "./skus";

test("what is out or runs short is to be ordered, what does not sell is a list of its own", () => {
  const skus = [
    { productId: "out", state: "out", class: "A" },
    { productId: "short", state: "reorder", class: "B" },
    { productId: "dead", state: "dead", class: "C" },
    { productId: "well", state: "well", class: "A" },
  ] as Sku[];
  const ids = (list: Parameters<typeof listed>[1]) => listed(skus, list).map(({ productId }) => productId);
  expect([ids("all").length, ids("order"), ids("dead"), ids("A")]).toEqual([
    4,
    ["out", "short"],
    ["dead"],
    ["out", "well"],
  ]);
});
