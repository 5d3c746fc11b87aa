/** How files are read, as a person chooses it. Pure. */

export interface Filled {
  column?: string;
  constant?: string;
  numbered?: true;
}

export interface TablePlan {
  file: string;
  kind: string;
  columns: Record<string, Filled>;
  dates: "iso" | "day-first" | "month-first";
  numbers: "point" | "comma";
}

export interface Plan {
  preset: string | null;
  tables: TablePlan[];
}

export interface Column {
  name: string;
  type: string;
  required: boolean;
  choices: string[];
  about: string;
}

export interface Kind {
  name: string;
  columns: Column[];
}

export interface Importable {
  kinds: Kind[];
  presets: string[];
  endings: string[];
  largestBytes: number;
}

export interface Sent {
  id: string;
  name: string;
  size: number;
}

export interface Looked extends Sent {
  columns: { name: string; type: string; samples: string[] }[];
  rows: string[][];
}

export interface Wrong {
  file: string;
  line: number;
  column: string | null;
  reason: string;
}

export interface Refusal {
  message: string;
  hint: string | null;
  total: number;
  problems: Wrong[];
}

export interface Preview {
  files: Looked[];
  presets: { name: string; fits: boolean; reads: string[]; misses: string }[];
  reading: Plan & { why: string };
  records: { kind: string; rows: number; columns: string[]; first: string[][] }[];
  refused: Refusal | null;
}

export interface Imported {
  records: Record<string, { new: number; changed: number; unchanged: number }>;
  runId: string | null;
}

export const NOT_FILLED = "";
export const SAME = "same";
export const NUMBERED = "numbered";
const COLUMN = "column ";

/** Where a column is filled from, as the value of a list to choose from. */
export function chosen(filled: Filled | undefined): string {
  if (filled?.column !== undefined) return COLUMN + filled.column;
  if (filled?.constant !== undefined) return SAME;
  return filled?.numbered ? NUMBERED : NOT_FILLED;
}

export function filledBy(choice: string): Filled | null {
  if (choice === NOT_FILLED) return null;
  if (choice === SAME) return { constant: "" };
  if (choice === NUMBERED) return { numbered: true };
  return { column: choice.slice(COLUMN.length) };
}

export function columnChoice(name: string): string {
  return COLUMN + name;
}

/** The table with one of our columns filled from elsewhere, or from nowhere. */
export function filling(table: TablePlan, name: string, filled: Filled | null): TablePlan {
  const { [name]: _, ...others } = table.columns;
  return { ...table, columns: filled ? { ...others, [name]: filled } : others };
}

/** The same file as records of another kind: what has the same name there stays. */
export function ofKind(table: TablePlan, kind: Kind): TablePlan {
  const known = new Set(kind.columns.map(({ name }) => name));
  const kept = Object.entries(table.columns).filter(([name]) => known.has(name));
  return { ...table, kind: kind.name, columns: Object.fromEntries(kept) };
}

export function replaced(plan: Plan, place: number, table: TablePlan | null): Plan {
  const tables = plan.tables.flatMap((one, at) => (at === place ? (table ? [table] : []) : [one]));
  return { preset: null, tables };
}

/** The first kind that nothing of this file is yet. */
export function anotherKind(plan: Plan, file: string, kinds: readonly Kind[]): Kind | undefined {
  const taken = new Set(plan.tables.filter((table) => table.file === file).map(({ kind }) => kind));
  return kinds.find(({ name }) => !taken.has(name));
}

/** `order_items` as `Order items`. */
export function spoken(name: string): string {
  const words = name === "sku" ? "SKU" : name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function bytes(size: number): string {
  if (size < 1024) return `${size} B`;
  const units = ["kB", "MB", "GB"];
  const power = Math.min(Math.floor(Math.log2(size) / 10), units.length);
  const value = size / 1024 ** power;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[power - 1]}`;
}
