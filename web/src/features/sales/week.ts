import type { Hour } from "./question";

export const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** Seven rows of 24 averages; null where an hour never occurred. */
export function grid(hours: readonly Hour[], kind: "orders" | "sales"): (number | null)[][] {
  const week = WEEKDAYS.map(() => Array<number | null>(24).fill(null));
  for (const { weekday, hour, ordersPerHour, netSalesPerHour } of hours) {
    const day = week[weekday - 1];
    if (day) day[hour] = kind === "orders" ? ordersPerHour : netSalesPerHour;
  }
  return week;
}
