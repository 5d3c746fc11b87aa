import { expect, test } from "vitest";
import { chartable, figureTitle, localLabel, said } from "./snapshots";

test("only figures that have one value can be drawn, each in its unit", () => {
  const column = (name: string, kind: string, unit: string | null) => ({ name, kind, unit });
  const metric = (name: string, shape: string) => ({
    name,
    title: name,
    description: "",
    shape,
    columns: [
      column("revenue", "money", "EUR"),
      column("margin", "percent", "%"),
      column("orders", "count", null),
      column("growth.revenue", "percent", "%"),
      column("calculatedAt", "instant", null),
    ],
  });
  expect(chartable({ metrics: [metric("one", "object"), metric("many", "rows")] })).toEqual([
    {
      name: "one",
      title: "one",
      figures: [
        { name: "revenue", unit: "money" },
        { name: "margin", unit: "percent" },
        { name: "orders", unit: "count" },
      ],
    },
  ]);
});

test("what is unknown stays unknown, and instants are told by the shop's clock", () => {
  const snapshot = { version: 1, day: "2026-03-01", createdAt: "", data: { orders: 3, text: "x" } };
  expect([said(snapshot, "orders"), said(snapshot, "text"), said(snapshot, "none")]).toEqual([3, null, null]);
  expect(figureTitle("netRevenue")).toBe("Net revenue");
  expect(localLabel("2026-03-01T23:30:00Z", "Europe/Berlin")).toBe("2026-03-02T00:30");
});
