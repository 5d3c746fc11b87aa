import { expect, test } from "vitest";
import { granularities, questionOf, soFar, usualGranularity, without } from "./figures";
import { viewOf } from "./view";

test("a question holds the days, the platform, the comparison and the clock", () => {
  const view = viewOf({ range: "7d", platform: "amazon", compare: "year", clock: "order" }, "2026-05-14");
  expect(questionOf(view)).toEqual({
    days: { startDate: "2026-05-08", endDate: "2026-05-14" },
    platform: "amazon",
    compare: "YEAR",
    clock: "ORDER",
  });
});

test("every range can be told, and in its usual way", () => {
  expect(granularities(1)).toEqual(["HOUR"]);
  expect(granularities(28)).toEqual(["DAY", "WEEK"]);
  expect(granularities(365)).toEqual(["DAY", "WEEK", "MONTH"]);
  expect(granularities(4000)).toEqual(["MONTH"]);
  for (let days = 1; days < 2000; days += 1) expect(granularities(days)).toContain(usualGranularity(days));
});

test("hours to come are unknown, not 0", () => {
  const points = ["2026-05-14T09:00", "2026-05-14T10:00", "2026-05-14T11:00"].map((label) => ({ label, value: 0 }));
  expect(soFar(points, "2026-05-14T10:00").map(({ value }) => value)).toEqual([0, 0, null]);
  expect(soFar([{ label: "2026-05", value: 1 }], "2026-05-14T10:00")[0]?.value).toBe(1);
});

test("a warning that is told elsewhere is left out, the others stay", () => {
  const warnings = [
    { code: "cost_coverage", message: "some cost is not known" },
    { code: "excluded_currency", message: "an order is left out" },
  ];
  const fresh = { warnings } as unknown as Parameters<typeof without>[0];
  expect(without(fresh, "cost_coverage")?.warnings).toEqual([warnings[1]]);
  expect(without(undefined, "cost_coverage")).toBeUndefined();
});
