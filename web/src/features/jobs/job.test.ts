import { expect, test } from "vitest";
import { jobName, laterOf, spoken, statusOf } from "./job";

test("the usual schedules are told in words, all others as they are written", () => {
  const told = Object.fromEntries(
    [
      "*/30 * * * * *",
      "*/10 * * * *",
      "0 */2 * * *",
      "0 * * * *",
      "7 * * * *",
      "30 4 * * *",
      "0 5 * * SUN",
      "30 9 * * 1",
      "*/10 * * * MON",
      "0 5 1 * *",
      "1,2 * * * *",
    ].map((cron) => [cron, spoken(cron)]),
  );
  expect(told).toEqual({
    "*/30 * * * * *": "every 30 seconds",
    "*/10 * * * *": "every 10 minutes",
    "0 */2 * * *": "every 2 hours",
    "0 * * * *": "every hour",
    "7 * * * *": "every hour at minute 7",
    "30 4 * * *": "every day at 04:30",
    "0 5 * * SUN": "every Sunday at 05:00",
    "30 9 * * 1": "every Monday at 09:30",
    "*/10 * * * MON": "*/10 * * * MON",
    "0 5 1 * *": "0 5 1 * *",
    "1,2 * * * *": "1,2 * * * *",
  });
});

test("jobs and how they stand have names", () => {
  expect(jobName("cache_clean_up")).toBe("Cache clean up");
  expect([statusOf(null).name, statusOf("cancelled").name]).toEqual(["Never ran", "Stopped"]);
});

test("times of the same local day need no date", () => {
  const later = (at: string) => laterOf("2026-03-01T21:30:00Z", at, "Europe/Berlin");
  expect([later("2026-03-01T22:30:00Z"), later("2026-03-01T22:30:30Z"), later("2026-03-01T23:30:00Z")]).toEqual([
    { day: null, time: "23:30" },
    { day: null, time: "23:30:30" },
    { day: "2026-03-02", time: "00:30" },
  ]);
});
