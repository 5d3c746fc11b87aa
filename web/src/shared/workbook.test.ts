import { inflateRawSync } from "node:zlib";
import { expect, test } from "vitest";
import type { Table } from "./table";
import { figures, workbook } from "./workbook";

interface Row {
  day: string | null;
  name: string;
  sales: number | null;
  margin: number;
}

const table = (rows: Row[]): Table<Row> => ({
  caption: "Sales & more",
  each: ["day", "days"],
  columns: [
    { name: "day", label: "Day", time: true, value: (row) => row.day, shown: () => "not this" },
    { name: "name", label: "Name", value: (row) => row.name },
    { name: "sales", label: "Sales", unit: "money", value: (row) => row.sales },
    { name: "margin", label: "Margin", unit: "percent", value: (row) => row.margin },
  ],
  rows,
});

/** Cells as they stand: their style and what is in them. */
function cells(sheet: string): string[][] {
  return [...sheet.matchAll(/<row>(.*?)<\/row>/gs)].map(([, row = ""]) =>
    [...row.matchAll(/<c(?: s="(\d)")?(?: t="inlineStr")?(?:\/>|>(.*?)<\/c>)/gs)].map(
      ([, style = "", within = ""]) => `${style} ${within.replaceAll(/<.*?>/gs, "")}`,
    ),
  );
}

test("days are days, amounts and shares numbers, the unknown empty and text never anything else", () => {
  const rows = [
    { day: "2026-11-23", name: "=1+1", sales: -9999999999.99, margin: 4.77 },
    { day: "2026-11", name: "2026-11-23", sales: null, margin: 0 },
    { day: "2026-11-23T18:00", name: 'a <b> & "c"\u0000_x0041_', sales: 1, margin: 100 },
    { day: null, name: "كوب", sales: 1.125, margin: -12.5 },
  ];
  const [head, ...lines] = cells(figures(table(rows)));
  expect(head).toEqual(["1 Day", "1 Name", "1 Sales", "1 Margin"]);
  expect(lines).toEqual([
    ["6 46349", "0 =1+1", "2 -9999999999.99", "4 0.0477"],
    ["7 46327", "0 2026-11-23", " ", "4 0"],
    ["8 46349.75", "0 a &lt;b&gt; &amp; &quot;c&quot;_x005F_x0041_", "2 1", "4 1"],
    [" ", "0 كوب", "2 1.125", "4 -0.125"],
  ]);
});

test("the parts of a book come out of it as they went in", async () => {
  const book = workbook(table([{ day: "2026-11-23", name: "Mug", sales: 1, margin: 1 }]), "KWD", [["Shop", "A&B"]]);
  const bytes = Buffer.from(await book.arrayBuffer());
  const parts = new Map<string, string>();
  for (let at = bytes.indexOf("PK\x01\x02"); at >= 0; at = bytes.indexOf("PK\x01\x02", at + 1)) {
    const [packed, length, name, place] = [20, 24, 28, 42].map((field) => bytes.readUInt32LE(at + field)) as number[];
    const begin = (place ?? 0) + 30 + bytes.readUInt16LE((place ?? 0) + 26);
    const text = inflateRawSync(bytes.subarray(begin, begin + (packed ?? 0))).toString();
    expect(Buffer.byteLength(text)).toBe(length);
    parts.set(bytes.toString("utf8", at + 46, at + 46 + ((name ?? 0) & 0xffff)), text);
  }
  expect([...parts.keys()]).toEqual([
    "[Content_Types].xml",
    "_rels/.rels",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/styles.xml",
    "xl/worksheets/sheet1.xml",
    "xl/worksheets/sheet2.xml",
  ]);
  expect(parts.get("xl/styles.xml")).toContain('formatCode="#,##0.000 [$KWD]"');
  expect(parts.get("xl/worksheets/sheet2.xml")).toContain("Sales &amp; more");
  expect(parts.get("xl/worksheets/sheet2.xml")).toContain("A&amp;B");
});
