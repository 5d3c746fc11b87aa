import { expect, test } from "vitest";
import {
  anotherKind,
  bytes,
  chosen,
  columnChoice,
  filledBy,
  filling,
  type Kind,
  ofKind,
  replaced,
  spoken,
} from "./plan";

const column = (name: string) => ({ name, type: "text", required: false, choices: [], about: "" });
const ORDERS: Kind = { name: "orders", columns: [column("order_id"), column("status")] };
const ITEMS: Kind = { name: "order_items", columns: [column("order_id"), column("line_id")] };
const TABLE = {
  file: "f",
  kind: "orders",
  columns: { order_id: { column: "No" }, status: { constant: "completed" } },
  dates: "iso" as const,
  numbers: "point" as const,
};

test("what a column is filled from is a choice, and back", () => {
  for (const filled of [{ column: "same" }, { constant: "" }, { numbered: true as const }])
    expect(filledBy(chosen(filled))).toEqual(filled);
  expect(chosen(undefined)).toBe("");
  expect(filledBy("")).toBeNull();
  expect(chosen({ column: "Order No" })).toBe(columnChoice("Order No"));
});

test("filling one column leaves the others, and filling it from nowhere takes it out", () => {
  expect(filling(TABLE, "order_id", { column: "Receipt" }).columns).toEqual({
    order_id: { column: "Receipt" },
    status: { constant: "completed" },
  });
  expect(filling(TABLE, "status", null).columns).toEqual({ order_id: { column: "No" } });
});

test("another kind keeps the columns that it has too", () => {
  expect(ofKind(TABLE, ITEMS)).toEqual({ ...TABLE, kind: "order_items", columns: { order_id: { column: "No" } } });
});

test("a table is replaced or taken out where it stands, and a preset gives way", () => {
  const plan = { preset: "shopify", tables: [TABLE, ofKind(TABLE, ITEMS)] };
  expect(replaced(plan, 0, null)).toEqual({ preset: null, tables: [ofKind(TABLE, ITEMS)] });
  expect(replaced(plan, 1, TABLE).tables).toEqual([TABLE, TABLE]);
});

test("a file becomes one more kind until it is all of them", () => {
  expect(anotherKind({ preset: null, tables: [TABLE] }, "f", [ORDERS, ITEMS])).toBe(ITEMS);
  expect(anotherKind({ preset: null, tables: [TABLE] }, "g", [ORDERS, ITEMS])).toBe(ORDERS);
  expect(anotherKind({ preset: null, tables: [TABLE] }, "f", [ORDERS])).toBeUndefined();
});

test("names and sizes as people say them", () => {
  expect(spoken("order_items")).toBe("Order items");
  expect([bytes(0), bytes(1023), bytes(1536), bytes(512 * 2 ** 20), bytes(5 * 2 ** 40)]).toEqual([
    "0 B",
    "1023 B",
    "1.5 kB",
    "512 MB",
    "5120 GB",
  ]);
});
