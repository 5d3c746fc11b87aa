/** What the server tells of jobs, and what people call it. Pure. */

import type { Mood } from "@/shared/ui/badge";

export type Status = "scheduled" | "running" | "completed" | "failed" | "cancelled";

export interface Run {
  runId: string;
  job: string;
  allShops: boolean;
  trigger: string;
  triggeredBy: string;
  status: Status;
  attempt: number;
  dueAt: string;
  startedAt: string | null;
  endedAt: string | null;
  durationMs: number | null;
  progress: { what?: string; done?: number | null; total?: number | null } | null;
  error: string | null;
}

export interface Schedule {
  cron: string;
  timezone: string;
  missed: "skip" | "once";
  enabled: boolean;
  own: boolean;
  owner: string;
  nextRuns: string[];
}

export interface Job {
  id: string;
  description: string;
  priority: string;
  timeLimitSeconds: number;
  attempts: number;
  status: Status | null;
  schedule: Schedule | null;
  lastRun: Run | null;
  metrics: { total: number; successful: number; failed: number; averageMs: number | null };
}

export interface Work {
  automatic: boolean;
  ticking: boolean;
  workers: number;
  lastTick: string | null;
  waiting: number;
  running: number;
  oldestOverdueSeconds: number | null;
  deadLetters: number;
}

const STATUSES: Record<Status, { mood: Mood; name: string }> = {
  scheduled: { mood: "none", name: "Waits" },
  running: { mood: "busy", name: "Running" },
  completed: { mood: "good", name: "Done" },
  failed: { mood: "bad", name: "Failed" },
  cancelled: { mood: "warn", name: "Stopped" },
};

export function statusOf(status: Status | null): { mood: Mood; name: string } {
  return status ? STATUSES[status] : { mood: "none", name: "Never ran" };
}

/** `cache_refresh` as `Cache refresh`. */
export function jobName(id: string): string {
  const words = id.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** `schedule` as `the schedule`; a person by their address. */
export function triggerName(triggeredBy: string): string {
  return triggeredBy === "schedule" ? "the schedule" : triggeredBy;
}

const UNITS = ["second", "minute", "hour"];
const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** A schedule in words, where it is one of the usual ones; else as it is written. */
export function spoken(cron: string): string {
  const fields = cron.trim().split(/\s+/);
  const [second, minute = "", hour = "", day, month, weekday] = fields.length === 5 ? ["0", ...fields] : fields;
  const named = WEEKDAYS.find((name, place) => [name.slice(0, 3).toUpperCase(), `${place}`].includes(weekday ?? ""));
  if (day !== "*" || month !== "*" || (weekday !== "*" && !named)) return cron;
  const every = [second, minute, hour].map((field) => /^\*\/(\d+)$/.exec(field ?? "")?.[1]);
  const place = every.findIndex(Boolean);
  const rest = [second, minute, hour];
  if (
    !named &&
    place >= 0 &&
    rest.slice(0, place).every((field) => field === "0") &&
    rest.slice(place + 1).every((f) => f === "*")
  )
    return `every ${every[place]} ${UNITS[place]}s`;
  if (second !== "0" || !/^\d+$/.test(minute)) return cron;
  if (named && !/^\d+$/.test(hour)) return cron;
  if (hour === "*") return minute === "0" ? "every hour" : `every hour at minute ${minute}`;
  return /^\d+$/.test(hour) ? `every ${named ?? "day"} at ${hour.padStart(2, "0")}:${minute.padStart(2, "0")}` : cron;
}

/** When it is by the shop's clock; the day is left out where it is that of the first. */
export function laterOf(first: string, at: string, zone: string): { day: string | null; time: string } {
  const clock = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "medium", timeZone: zone });
  const [day = "", time = ""] = clock.format(new Date(at)).split(" ");
  const same = clock.format(new Date(first)).startsWith(day);
  return { day: same ? null : day, time: time.endsWith(":00") ? time.slice(0, 5) : time };
}
