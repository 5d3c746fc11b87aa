/** What a metric has said at each version, as a line of one of its figures. Pure. */

import type { Catalogue, CatalogueColumn } from "@/shared/catalogue";
import type { Unit } from "@/shared/format";

export interface Snapshot {
  version: number;
  day: string;
  createdAt: string;
  data: unknown;
}

export interface Figure {
  name: string;
  unit: Unit;
}

/** Metrics of which every version has one value for each figure. */
export function chartable(catalogue: Catalogue): { name: string; title: string; figures: Figure[] }[] {
  return catalogue.metrics
    .map(({ name, title, shape, columns }) => ({ name, title, figures: shape === "object" ? figuresOf(columns) : [] }))
    .filter(({ figures }) => figures.length > 0);
}

function figuresOf(columns: CatalogueColumn[]): Figure[] {
  return columns
    .filter(({ kind, name }) => ["money", "count", "percent", "average"].includes(kind) && !name.includes("."))
    .map(({ name, unit }) => ({ name, unit: unit === "%" ? "percent" : unit ? "money" : "count" }));
}

export function said({ data }: Snapshot, figure: string): number | null {
  const value = (data as Record<string, unknown> | null)?.[figure];
  return typeof value === "number" ? value : null;
}

/** `netRevenue` as `Net revenue`. */
export function figureTitle(name: string): string {
  const words = name.replaceAll(/([A-Z])/g, " $1").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** An instant as the shop's clock shows it, in the form in which charts take hours. */
export function localLabel(iso: string, zone: string): string {
  const told = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short", timeZone: zone });
  return told.format(new Date(iso)).replace(" ", "T");
}
