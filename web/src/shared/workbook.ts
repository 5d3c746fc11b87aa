/** What a card shows as an Excel workbook: a sheet of figures, and one that says what they are. */

import { strToU8, zipSync } from "fflate";
import type { Unit } from "./format";
import type { Column, Table } from "./table";

/** What is said of a table besides its rows, line by line. */
export type About = readonly (readonly [name: string, value: string])[];

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE = "http://schemas.openxmlformats.org/package/2006";
const KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml";
/** The most letters that a cell has room for. */
const LONGEST = 32_767;
/** The first of 1970 as a spreadsheet counts days, and the first one that it knows. */
const [EPOCH, FIRST] = [25_569, 61];
const DAY = 86_400_000;
/** The first moment of such a file: when it was packed says nothing. */
const PACKED = { mtime: "1980-01-01T00:00" };
const [NARROW, WIDE] = [10, 60];
const TIME = /^(\d{4}-\d{2})(-\d{2})?(T\d{2}:\d{2})?$/;

/** How a cell looks; each stands in the book at its place in this list, plain text first. */
const STYLES = ["text", "head", "money", "count", "percent", "ratio", "day", "month", "hour"] as const;
type Style = (typeof STYLES)[number];

/** Figures are numbers, amounts in the format of the currency; days are days, and no text is ever a formula. */
export function workbook<Row>(table: Table<Row>, currency: string, about: About): Blob {
  const files = {
    "[Content_Types].xml": CONTENTS,
    "_rels/.rels": related(["officeDocument", "xl/workbook.xml"]),
    "xl/workbook.xml": BOOK,
    "xl/_rels/workbook.xml.rels": related(
      ["worksheet", "worksheets/sheet1.xml"],
      ["worksheet", "worksheets/sheet2.xml"],
      ["styles", "styles.xml"],
    ),
    "xl/styles.xml": styles(currency),
    "xl/worksheets/sheet1.xml": figures(table),
    "xl/worksheets/sheet2.xml": told([["Figures", table.caption], ...about]),
  };
  const parts = Object.entries(files).map(([path, content]) => [path, strToU8(content)]);
  return new Blob([zipSync(Object.fromEntries(parts), PACKED)], { type: `${KIND}.sheet` });
}

/** The sheet of figures: a line for each row, below a header that stays. */
export function figures<Row>({ columns, rows }: Table<Row>): string {
  const head = columns.map(({ label }) => text(label, "head"));
  const lines = rows.map((row) => columns.map((column) => cell(column, row)));
  const widths = columns.map((column) =>
    rows.reduce((most, row) => Math.max(most, String(column.value(row) ?? "").length), column.label.length),
  );
  const still =
    '<sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView>';
  return sheet([head, ...lines], widths, `<sheetViews>${still}</sheetViews>`);
}

function told(about: About): string {
  const widths = [0, 1].map((place) => Math.max(...about.map((line) => line[place]?.length ?? 0)));
  return sheet(
    about.map(([name, value]) => [text(name, "head"), text(value, "text")]),
    widths,
  );
}

function sheet(rows: readonly string[][], widths: readonly number[], views = ""): string {
  const columns = widths.map((width, place) => {
    const wide = Math.min(Math.max(width + 3, NARROW), WIDE);
    return `<col min="${place + 1}" max="${place + 1}" width="${wide}" customWidth="1"/>`;
  });
  const lines = rows.map((cells) => `<row>${cells.join("")}</row>`).join("");
  return `${HEAD}<worksheet xmlns="${MAIN}">${views}<cols>${columns.join("")}</cols><sheetData>${lines}</sheetData></worksheet>`;
}

/** Empty where it is unknown. */
function cell<Row>(column: Column<Row>, row: Row): string {
  const value = column.value(row);
  if (value == null) return "<c/>";
  if (column.shown && !column.time) return text(column.shown(row), "text");
  if (typeof value === "number") {
    // A share as a spreadsheet has it; the digits that dividing adds are taken off.
    const share = column.unit === "percent" ? Number((value / 100).toPrecision(15)) : value;
    return number(share, column.unit ?? "text");
  }
  const found = column.time && TIME.exec(value);
  if (!found) return text(value, "text");
  const [, month, day = "-01", hour = "T00:00"] = found;
  const days = Date.parse(`${month}${day}${hour}Z`) / DAY + EPOCH;
  return days < FIRST ? text(value, "text") : number(days, found[3] ? "hour" : found[2] ? "day" : "month");
}

function number(value: number, style: Unit | Style): string {
  return `<c s="${STYLES.indexOf(style)}"><v>${value}</v></c>`;
}

function text(value: string, style: Style): string {
  const safe = written(value.slice(0, LONGEST));
  return `<c s="${STYLES.indexOf(style)}" t="inlineStr"><is><t xml:space="preserve">${safe}</t></is></c>`;
}

/** As XML has it: without the letters that it knows not, and none taken for the number of one. */
function written(value: string): string {
  return value
    .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, "_x005F_")
    .replace(/\p{Cc}|\uFFFE|\uFFFF/gu, (letter) => ("\t\n".includes(letter) ? letter : ""))
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function styles(currency: string): string {
  const digits = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits;
  const money = `#,##0${digits ? `.${"0".repeat(digits)}` : ""} [$${currency}]`;
  const patterns: Record<Style, string> = {
    text: "General",
    head: "General",
    money,
    count: "#,##0",
    percent: "0.00%",
    ratio: "#,##0.0000",
    day: "yyyy-mm-dd",
    month: "yyyy-mm",
    hour: "yyyy-mm-dd hh:mm",
  };
  const own = (place: number) => 164 + place;
  const formats = STYLES.map((style, place) => `<numFmt numFmtId="${own(place)}" formatCode="${patterns[style]}"/>`);
  const cells = STYLES.map((style, place) => {
    const bold = style === "head" ? 1 : 0;
    return `<xf numFmtId="${bold || style === "text" ? 0 : own(place)}" fontId="${bold}" fillId="0" borderId="0" xfId="0"/>`;
  });
  const font = '<sz val="11"/><name val="Calibri"/>';
  return [
    `${HEAD}<styleSheet xmlns="${MAIN}"><numFmts count="${formats.length}">${formats.join("")}</numFmts>`,
    `<fonts count="2"><font>${font}</font><font><b/>${font}</font></fonts>`,
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>',
    '<borders count="1"><border/></borders>',
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>',
    `<cellXfs count="${cells.length}">${cells.join("")}</cellXfs>`,
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
  ].join("");
}

/** What a part of the book leads to: rId1, rId2 … */
function related(...parts: [kind: string, path: string][]): string {
  const each = parts.map(
    ([kind, path], place) => `<Relationship Id="rId${place + 1}" Type="${OFFICE}/${kind}" Target="${path}"/>`,
  );
  return `${HEAD}<Relationships xmlns="${PACKAGE}/relationships">${each.join("")}</Relationships>`;
}

const BOOK = [
  `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets>`,
  '<sheet name="Figures" sheetId="1" r:id="rId1"/><sheet name="About" sheetId="2" r:id="rId2"/></sheets></workbook>',
].join("");

const CONTENTS = [
  `${HEAD}<Types xmlns="${PACKAGE}/content-types">`,
  '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>',
  '<Default Extension="xml" ContentType="application/xml"/>',
  `<Override PartName="/xl/workbook.xml" ContentType="${KIND}.sheet.main+xml"/>`,
  `<Override PartName="/xl/worksheets/sheet1.xml" ContentType="${KIND}.worksheet+xml"/>`,
  `<Override PartName="/xl/worksheets/sheet2.xml" ContentType="${KIND}.worksheet+xml"/>`,
  `<Override PartName="/xl/styles.xml" ContentType="${KIND}.styles+xml"/></Types>`,
].join("");
