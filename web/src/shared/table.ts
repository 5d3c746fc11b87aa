/** The figures behind a chart, as rows: what the table shows and what a download holds. Pure. */

import type { ReactNode } from "react";
import type { Format, Unit } from "./format";

export interface Column<Row> {
  name: string;
  label: string;
  /** Numbers have a unit; text has none. */
  unit?: Unit;
  value: (row: Row) => string | number | null | undefined;
  /** Text that is a day, a month or an hour. */
  time?: boolean;
  /** How text is shown, where that differs from what is downloaded. */
  shown?: (row: Row) => string;
  /** A number that is shown as something else: it stands below its like. */
  numeric?: boolean;
  /** How it is drawn, where that is more than text: a link, a mark. */
  drawn?: (row: Row) => ReactNode;
}

/** What the rows are, one of them and several: `["day", "days"]`. */
export type Each = readonly [one: string, several: string];

export interface Table<Row> {
  caption: string;
  each: Each;
  columns: Column<Row>[];
  rows: readonly Row[];
}

/** How many of them. */
export function counted(count: number, [one, several]: Each, format: Format): string {
  return `${format.figure(count, "count")} ${count === 1 ? one : several}`;
}

// biome-ignore lint/suspicious/noExplicitAny: a card does not look into the rows of its table.
export type AnyTable = Table<any>;

export function csv<Row>({ columns, rows }: Table<Row>): string {
  const lines = [
    columns.map(({ name }) => quoted(name)),
    ...rows.map((row) => columns.map(({ value }) => cell(value(row)))),
  ];
  return lines.map((line) => `${line.join(",")}\r\n`).join("");
}

export function json<Row>({ columns, rows }: Table<Row>): string {
  const told = rows.map((row) => Object.fromEntries(columns.map(({ name, value }) => [name, value(row) ?? null])));
  return `${JSON.stringify(told, null, 2)}\n`;
}

function cell(value: string | number | null | undefined): string {
  if (value == null) return "";
  return typeof value === "number" ? String(value) : quoted(value);
}

/** Text that a spreadsheet would take for a formula is marked as text. */
function quoted(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/** Hands the browser a file. */
export function download(name: string, type: string, content: string): void {
  save(name, new Blob([content], { type }));
}

export function save(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
