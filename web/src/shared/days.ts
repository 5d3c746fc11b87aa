/** Local days of the shop as YYYY-MM-DD. Nothing here knows the clock: today is an argument. */

export type Day = string;

export interface Range {
  from: Day;
  to: Day;
}

export const PRESETS = {
  today: { label: "Today", key: "d" },
  yesterday: { label: "Yesterday", key: "e" },
  "7d": { label: "Last 7 days", key: "w" },
  "28d": { label: "Last 28 days", key: "f" },
  "30d": { label: "Last 30 days", key: "t" },
  "90d": { label: "Last 90 days", key: "n" },
  week: { label: "This week", key: "k" },
  month: { label: "This month", key: "m" },
  quarter: { label: "This quarter", key: "q" },
  year: { label: "This year", key: "y" },
} as const;

export type Preset = keyof typeof PRESETS;
export type Comparison = "previous" | "year" | "none";

const DAY = 86_400_000;

export function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) && written(Date.parse(text)) === text;
}

export function addDays(day: Day, days: number): Day {
  return written(Date.parse(day) + days * DAY);
}

/** The same day so many months on, or the last of that month where it is shorter. */
export function addMonths(day: Day, months: number): Day {
  const [year, month, date] = parts(day);
  const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  return written(Date.UTC(year, month - 1 + months, Math.min(date, last)));
}

/** How many days, both ends included. */
export function length({ from, to }: Range): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY) + 1;
}

/** 0 is Monday. */
export function weekday(day: Day): number {
  return (new Date(day).getUTCDay() + 6) % 7;
}

export function monthStart(day: Day): Day {
  return `${day.slice(0, 7)}-01`;
}

export function rangeOf(preset: Preset, today: Day): Range {
  const [year, month] = parts(today);
  const quarter = `${year}-${String(month - ((month - 1) % 3)).padStart(2, "0")}-01`;
  const starts: Record<Preset, Day> = {
    today,
    yesterday: addDays(today, -1),
    "7d": addDays(today, -6),
    "28d": addDays(today, -27),
    "30d": addDays(today, -29),
    "90d": addDays(today, -89),
    week: addDays(today, -weekday(today)),
    month: monthStart(today),
    quarter,
    year: `${year}-01-01`,
  };
  return { from: starts[preset], to: preset === "yesterday" ? starts.yesterday : today };
}

/** The days that a range is compared with: as many just before, or the same dates of the year before. */
export function compared(range: Range, comparison: Comparison): Range | null {
  if (comparison === "none") return null;
  if (comparison === "year") return { from: addMonths(range.from, -12), to: addMonths(range.to, -12) };
  return { from: addDays(range.from, -length(range)), to: addDays(range.from, -1) };
}

/** The range just before or after, not beyond today. */
export function shifted(range: Range, direction: -1 | 1, today: Day): Range {
  const days = length(range) * direction;
  const moved = { from: addDays(range.from, days), to: addDays(range.to, days) };
  return moved.to > today ? { from: addDays(today, 1 - length(range)), to: today } : moved;
}

/** The weeks that a calendar shows of a month, Monday first; days of other months fill the ends. */
export function calendar(month: Day): Day[][] {
  const first = addDays(monthStart(month), -weekday(monthStart(month)));
  const last = addDays(monthStart(addMonths(monthStart(month), 1)), -1);
  const weeks = Math.ceil((length({ from: first, to: last }) - 1) / 7 + 1 / 7);
  return Array.from({ length: weeks }, (_, week) =>
    Array.from({ length: 7 }, (_, day) => addDays(first, week * 7 + day)),
  );
}

/** Of each zone, because making one takes long and every second asks. */
const clocks = new Map<string, Intl.DateTimeFormat>();

export function today(now: Date, zone: string): Day {
  return local(now, zone).slice(0, 10);
}

/** YYYY-MM-DDTHH:00 */
export function thisHour(now: Date, zone: string): string {
  return `${local(now, zone).slice(0, 13).replace(" ", "T")}:00`;
}

/** Swedes write as ISO 8601 does: YYYY-MM-DD HH:MM. */
function local(now: Date, zone: string): string {
  const clock =
    clocks.get(zone) ?? new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" });
  clocks.set(zone, clock);
  return clock.format(now);
}

function parts(day: Day): [number, number, number] {
  const [year = 0, month = 0, date = 0] = day.split("-").map(Number);
  return [year, month, date];
}

function written(time: number): Day {
  return new Date(time).toISOString().slice(0, 10);
}
