import { expect, test } from "vitest";
import { csv, json, type Table } from "./table";

const table: Table<{ name: string; sold: number | null }> = {
  caption: "Products",
  each: ["product", "products"],
  columns: [
    { name: "name", label: "Name", value: (row) => row.name },
    { name: "sold", label: "Sold", unit: "count", value: (row) => row.sold },
  ],
  rows: [
    { name: 'Mug, "large"', sold: -3 },
    { name: "=1+1", sold: null },
  ],
};

test("a download quotes what needs it, leaves the unknown empty and runs no formula", () => {
  expect(csv(table)).toBe('name,sold\r\n"Mug, ""large""",-3\r\n\'=1+1,\r\n');
  expect(JSON.parse(json(table))).toEqual([
    { name: 'Mug, "large"', sold: -3 },
    { name: "=1+1", sold: null },
  ]);
});
