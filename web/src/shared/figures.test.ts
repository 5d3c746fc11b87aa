import { expect, test } from "vitest";
import { granularities, questionOf, usualGranularity } from "./figures";
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
