/** Finding and sorting the rows of a long table. Pure. */

import type { Column } from "./table";

export interface Order {
  column: string;
  /** The most first, or from Z to A. */
  falling: boolean;
}

/** `-netSales` is the most net sales first. */
export function orderOf(text: string): Order {
  return text.startsWith("-") ? { column: text.slice(1), falling: true } : { column: text, falling: false };
}

export function written({ column, falling }: Order): string {
  return `${falling ? "-" : ""}${column}`;
}

/** What a click on a heading asks for: figures begin with the most, names with A; a second click turns them round. */
export function turned(order: Order, column: Column<never>): Order {
  if (order.column === column.name) return { column: column.name, falling: !order.falling };
  return { column: column.name, falling: column.unit !== undefined };
}

/** Rows in that order; what is unknown comes last in either direction, and what is alike stays as it was. */
export function sorted<Row>(rows: readonly Row[], columns: readonly Column<Row>[], order: Order): Row[] {
  const by = columns.find(({ name }) => name === order.column);
  if (!by) return [...rows];
  const direction = order.falling ? -1 : 1;
  const keyed = rows.map((row) => ({ row, key: by.value(row) ?? null }));
  keyed.sort((one, other) => {
    if (one.key === null || other.key === null) return Number(one.key === null) - Number(other.key === null);
    return direction * compared(one.key, other.key);
  });
  return keyed.map(({ row }) => row);
}

const words = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

function compared(one: string | number, other: string | number): number {
  if (typeof one === "number" && typeof other === "number") return one - other;
  return words.compare(String(one), String(other));
}

/** Rows whose text holds every word, in whatever order. */
export function found<Row>(rows: readonly Row[], textOf: (row: Row) => string, sought: string): Row[] {
  const parts = sought.toLowerCase().split(/\s+/).filter(Boolean);
  if (parts.length === 0) return [...rows];
  return rows.filter((row) => {
    const text = textOf(row).toLowerCase();
    return parts.every((part) => text.includes(part));
  });
}
