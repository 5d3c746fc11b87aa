import { expect, test } from "vitest";
import { type MetricState, nextDue, type RunSummary, why } from "./standing";

const AT = "2026-03-01T12:00:00Z";
const state = (more: Partial<MetricState>): MetricState => ({
  metric: "net_revenue",
  computedAt: AT,
  dataThrough: AT,
  version: 7,
  computationMs: 40,
  failedAt: null,
  failure: null,
  ...more,
});
const run = (changesApplied: number): RunSummary => ({
  runId: "r",
  platform: "all",
  status: "completed",
  triggeredBy: "schedule",
  startedAt: AT,
  endedAt: AT,
  durationMs: 100,
  changesApplied,
  version: 7,
  error: null,
});

test("a metric is due when the first of the jobs is that sees to it", () => {
  const job = (id: string, at: string, enabled = true) => ({ id, schedule: { enabled, nextRuns: [at] } });
  const jobs = [job("cycle", "14:00"), job("cache_refresh", "13:00"), job("user_growth", "12:10"), job("top", "12:01")];
  const work = { automatic: true, ticking: true };
  expect(nextDue("net_revenue", { work, jobs })).toBe("13:00");
  expect(nextDue("user_growth", { work, jobs })).toBe("12:10");
  expect(nextDue("user_growth", { work, jobs: [job("user_growth", "12:10", false)] })).toBeNull();
  expect(nextDue("net_revenue", { work: { ...work, ticking: false }, jobs })).toBeNull();
});

test("it is said why a metric was fast, slow, kept or failed", () => {
  const told = (more: Partial<MetricState>, changes = 12) => why(state(more), { version: 7, runs: [run(changes)] });
  expect(told({})).toBe("Read from the stored counts, after 12 changes.");
  expect(told({}, 1)).toContain("after 1 change.");
  expect(told({}, 0)).toContain("nothing new to count");
  expect(told({ computationMs: 900 })).toContain("every record of its days");
  expect(told({ version: 5 })).toContain("since version 5");
  expect(told({ version: 5, failure: "division by zero" })).toBe(
    "Failed: division by zero. The figures of version 5 stay.",
  );
  expect(why(state({ version: 1 }), { version: 1, runs: [{ ...run(0), version: 1 }] })).toContain("the first count");
  expect(why(state({}), { version: 7, runs: [] })).toBe("Read from the stored counts.");
});
