/** From what is looked at to the arguments of a question. */

import type { Freshness } from "./graph";
import type { View } from "./view";

export type Granularity = "HOUR" | "DAY" | "WEEK" | "MONTH";

/** The arguments that every question about days takes. */
export function questionOf(view: View) {
  return {
    days: { startDate: view.range.from, endDate: view.range.to },
    platform: view.platform,
    compare: view.comparison.toUpperCase() as "PREVIOUS" | "YEAR" | "NONE",
    clock: view.clock.toUpperCase() as "EVENT" | "ORDER",
  };
}

/** How finely so many days can be told: neither a single point nor more of them than a chart has room for. */
export function granularities(days: number): Granularity[] {
  const found: Granularity[] = [];
  if (days <= 8) found.push("HOUR");
  if (days > 1 && days <= 370) found.push("DAY");
  if (days > 14 && days <= 1500) found.push("WEEK");
  if (days > 45) found.push("MONTH");
  return found.length > 0 ? found : ["MONTH"];
}

/** What shows the shape of so many days best. */
export function usualGranularity(days: number): Granularity {
  if (days <= 2) return "HOUR";
  if (days <= 92) return "DAY";
  return days <= 200 ? "WEEK" : "MONTH";
}

export const COMPARED = { previous: "Period before", year: "Year before", none: "" } as const;

/** What a growth is told against; of days that are not over, only as much of those before. */
export function against({ comparison, running }: View): string {
  if (comparison === "none") return "";
  return `vs the ${comparison === "year" ? "year" : "period"} before${running ? ", so far" : ""}`;
}

/** Where figures stand, less a warning that their page tells elsewhere. */
export function without(fresh: Freshness | undefined, code: string): Freshness | undefined {
  return fresh && { ...fresh, warnings: fresh.warnings.filter((warning) => warning.code !== code) };
}

/** What has not begun yet is not 0: the hours of today that are to come. */
export function soFar<Point extends { label: string; value: number | null }>(
  points: readonly Point[],
  now: string,
): Point[] {
  return points.map((point) => (point.label > now ? { ...point, value: null } : point));
}
