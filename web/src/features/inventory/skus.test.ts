import { expect, test } from "vitest";
import type { Sku } from "@/shared/stock";
import { classes, listed, orderAtLeast, ranked } from "./skus";

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

test("to order is what is missing up to the reorder point, whole units; nothing is known without a lead time", () => {
  const least = (reorderPoint: number | null, available: number | null, incoming: number | null = 0) =>
    orderAtLeast({ reorderPoint, available, incoming } as Sku);
  expect([least(10.2, 3), least(10, 3, 5), least(10, 30), least(10, -2, null), least(null, 3), least(5, null)]).toEqual(
    [8, 2, 0, 12, null, null],
  );
});

test("products in the order of sales and what they make together; each class with what lies in stock", () => {
  const skus = [
    { productId: "b", class: "B", grossSales: 15, stockValue: null },
    { productId: "a", class: "A", grossSales: 80, stockValue: 7 },
    { productId: "none", class: "C", grossSales: 0, stockValue: 3 },
    { productId: "c", class: "C", grossSales: 5, stockValue: 2 },
  ] as Sku[];
  expect(ranked(skus).map(({ sku, share }) => [sku.productId, share])).toEqual([
    ["a", 80],
    ["b", 95],
    ["c", 100],
  ]);
  expect(classes(skus)).toEqual([
    { class: "A", products: 1, grossSales: 80, stockValue: 7 },
    { class: "B", products: 1, grossSales: 15, stockValue: null },
    { class: "C", products: 2, grossSales: 5, stockValue: 5 },
  ]);
});
