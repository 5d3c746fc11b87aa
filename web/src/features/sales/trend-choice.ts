import { type Granularity, granularities, usualGranularity } from "@/shared/figures";
import type { Unit } from "@/shared/format";
import type { Each } from "@/shared/table";
import { useChoice, type View } from "@/shared/view";

export const FIGURES = {
  revenue: { metric: "REVENUE", label: "Total sales", unit: "money" },
  orders: { metric: "ORDERS", label: "Orders", unit: "count" },
  aov: { metric: "AOV", label: "Average order", unit: "money" },
  customers: { metric: "CUSTOMERS", label: "Customers", unit: "count" },
} as const satisfies Record<string, { metric: string; label: string; unit: Unit }>;

export type Figure = keyof typeof FIGURES;
export const GRANULARITIES = { HOUR: "Hour", DAY: "Day", WEEK: "Week", MONTH: "Month" } as const;
export const EACH: Record<Granularity, Each> = {
  HOUR: ["hour", "hours"],
  DAY: ["day", "days"],
  WEEK: ["week", "weeks"],
  MONTH: ["month", "months"],
};

export interface TrendChoice {
  figure: Figure;
  metric: (typeof FIGURES)[Figure]["metric"];
  granularity: Granularity;
  /** Which fit the days that are looked at. */
  possible: Granularity[];
  choose: (figure: Figure) => void;
  divide: (granularity: Granularity) => void;
}

/** Which figure the chart shows and how finely; a choice that does not fit the days gives way to the usual one. */
export function useTrendChoice(view: View): TrendChoice {
  const [figure, choose] = useChoice("figure", Object.keys(FIGURES) as Figure[], "revenue");
  const possible = granularities(view.days);
  const usual = usualGranularity(view.days).toLowerCase();
  const [by, divide] = useChoice(
    "by",
    possible.map((one) => one.toLowerCase()),
    usual,
  );
  return {
    figure,
    metric: FIGURES[figure].metric,
    granularity: by.toUpperCase() as Granularity,
    possible,
    choose,
    divide: (granularity) => divide(granularity.toLowerCase()),
  };
}
