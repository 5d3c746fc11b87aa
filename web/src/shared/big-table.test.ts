import { expect, test } from "vitest";
import { found, orderOf, sorted, turned, written } from "./big-table";
import type { Column } from "./table";

interface Row {
  name: string;
  profit: number | null;
}
const NAME: Column<Row> = { name: "name", label: "Name", value: (row) => row.name };
const PROFIT: Column<Row> = { name: "profit", label: "Profit", unit: "money", value: (row) => row.profit };
const ROWS: Row[] = [
  { name: "Mug 10", profit: 2 },
  { name: "mug 9", profit: null },
  { name: "Ätna lamp", profit: -5 },
  { name: "Bowl", profit: 2 },
];
const names = (order: string) => sorted(ROWS, [NAME, PROFIT], orderOf(order)).map(({ name }) => name);

test("rows are sorted by figures and by names, what is unknown last, what is alike as it was", () => {
  expect(names("-profit")).toEqual(["Mug 10", "Bowl", "Ätna lamp", "mug 9"]);
  expect(names("profit")).toEqual(["Ätna lamp", "Mug 10", "Bowl", "mug 9"]);
  expect(names("name")).toEqual(["Ätna lamp", "Bowl", "mug 9", "Mug 10"]);
  expect(names("nothing")).toEqual(ROWS.map(({ name }) => name));
});

test("a heading begins with the most or with A, and turns round when it is pressed again", () => {
  const first = turned(orderOf("name"), PROFIT as Column<never>);
  expect([written(first), written(turned(first, PROFIT as Column<never>))]).toEqual(["-profit", "profit"]);
  expect(written(turned(first, NAME as Column<never>))).toBe("name");
});

test("a search finds every word, wherever it stands", () => {
  expect(found(ROWS, ({ name }) => name, " 10 MUG ").map(({ name }) => name)).toEqual(["Mug 10"]);
  expect(found(ROWS, ({ name }) => name, " ")).toHaveLength(4);
});
