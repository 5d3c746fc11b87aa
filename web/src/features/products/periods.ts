/** The twelve weeks or months up to today. Pure. */

import { addDays, addMonths, type Day, monthStart, type Range, weekday } from "@/shared/days";

export const HOW_MANY = 12;
export const STEPS = { months: "Months", weeks: "Weeks" } as const;
export type Step = keyof typeof STEPS;

/** Oldest first; the last one ends today. `label` is what the API calls such a period. */
export function periods(step: Step, today: Day): ({ label: string } & Range)[] {
  return Array.from({ length: HOW_MANY }, (_, place) => {
    const back = HOW_MANY - 1 - place;
    const from = step === "weeks" ? addDays(today, -weekday(today) - 7 * back) : addMonths(monthStart(today), -back);
    const end = step === "weeks" ? addDays(from, 6) : addDays(addMonths(from, 1), -1);
    return { from, to: end < today ? end : today, label: step === "weeks" ? from : from.slice(0, 7) };
  });
}
