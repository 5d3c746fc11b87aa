import { expect, test } from "vitest";
import { fewestFor, NAMELESS, ofKind, productsOf, type Row } from "./products";

const row = (groupId: string | null, more: Partial<Row>): Row => ({
  groupId,
  platform: "shopify",
  name: groupId && `The ${groupId}`,
  units: 1,
  grossSales: 100,
  discounts: 0,
  returns: 0,
  netSales: 100,
  costedSales: 100,
  cost: 40,
  costCoverage: 100,
  profit: 60,
  margin: 60,
  ...more,
});

test("shares are of all products, and unknown where nothing was sold", () => {
  const [mug, nameless] = productsOf([
    row("mug", { netSales: 150, units: 4, grossSales: 180, discounts: 20, returns: 10 }),
    row(null, { units: 0, grossSales: 0, returns: 50, netSales: -50 }),
  ]);
  expect(mug).toMatchObject({ share: 150, returnRate: 6.25, averagePrice: 45 });
  expect(nameless).toMatchObject({ name: NAMELESS, returnRate: null, averagePrice: null });
  expect(productsOf([row("gone", { netSales: 0 })])[0]?.share).toBeNull();
});

test("products at a loss, much returned or without a cost are told apart", () => {
  const products = productsOf([
    row("good", {}),
    row("dear", { profit: -1 }),
    row("returned", { returns: 10 }),
    row("unknown", { costCoverage: 0, profit: null }),
    row("unsold", { units: 0, grossSales: 0, netSales: 0, costCoverage: null, profit: null }),
  ]);
  const ids = (kind: Parameters<typeof ofKind>[1]) => ofKind(products, kind).map(({ groupId }) => groupId);
  expect([ids("all").length, ids("loss"), ids("returned"), ids("uncosted")]).toEqual([
    5,
    ["dear"],
    ["returned"],
    ["unknown"],
  ]);
});

test("few products bring most", () => {
  const sales = (values: number[]) => productsOf(values.map((netSales, at) => row(String(at), { netSales })));
  expect(fewestFor(sales([10, 70, 5, 15]), 80)).toBe(2);
  expect(fewestFor(sales([100, -30]), 100)).toBe(1);
  expect(fewestFor(sales([]), 80)).toBeNull();
});
