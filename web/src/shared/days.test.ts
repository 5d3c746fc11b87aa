import { expect, test } from "vitest";
import { addDays, addMonths, calendar, compared, isDay, length, rangeOf, shifted, thisHour, today } from "./days";

test("presets end today, whole periods begin where they begin", () => {
  const of = (preset: Parameters<typeof rangeOf>[0]) => rangeOf(preset, "2026-05-14");
  expect(of("today")).toEqual({ from: "2026-05-14", to: "2026-05-14" });
  expect(of("yesterday")).toEqual({ from: "2026-05-13", to: "2026-05-13" });
  expect(of("28d")).toEqual({ from: "2026-04-17", to: "2026-05-14" });
  expect(of("week")).toEqual({ from: "2026-05-11", to: "2026-05-14" });
  expect(of("month")).toEqual({ from: "2026-05-01", to: "2026-05-14" });
  expect(of("quarter")).toEqual({ from: "2026-04-01", to: "2026-05-14" });
  expect(of("year")).toEqual({ from: "2026-01-01", to: "2026-05-14" });
  expect(length(of("90d"))).toBe(90);
});

test("a range is compared with as many days before, or the same dates a year before", () => {
  const range = { from: "2024-02-28", to: "2024-03-02" };
  expect(compared(range, "previous")).toEqual({ from: "2024-02-24", to: "2024-02-27" });
  expect(compared({ from: "2024-02-29", to: "2024-03-02" }, "year")).toEqual({ from: "2023-02-28", to: "2023-03-02" });
  expect(compared(range, "none")).toBeNull();
});

test("steps never lead beyond today", () => {
  const week = { from: "2026-05-08", to: "2026-05-14" };
  expect(shifted(week, -1, "2026-05-14")).toEqual({ from: "2026-05-01", to: "2026-05-07" });
  expect(shifted({ from: "2026-05-05", to: "2026-05-11" }, 1, "2026-05-14")).toEqual(week);
});

test("days over the ends of months, years and changes of clocks", () => {
  expect(addDays("2025-12-31", 1)).toBe("2026-01-01");
  expect(length({ from: "2026-03-28", to: "2026-03-30" })).toBe(3);
  expect(addMonths("2026-01-31", 1)).toBe("2026-02-28");
  expect(addMonths("2026-03-31", -13)).toBe("2025-02-28");
  expect([isDay("2026-02-29"), isDay("2026-02-28"), isDay("x")]).toEqual([false, true, false]);
});

test("a calendar shows whole weeks from Monday", () => {
  expect(calendar("2026-02-10").map((week) => week.length)).toEqual([7, 7, 7, 7, 7]);
  expect(calendar("2027-02-01")).toHaveLength(4);
  expect(calendar("2026-05-01")[0]?.[0]).toBe("2026-04-27");
  expect(calendar("2026-05-01").at(-1)?.[6]).toBe("2026-05-31");
});

test("today is the shop's", () => {
  const now = new Date("2026-05-14T22:30:00Z");
  expect([today(now, "Europe/Berlin"), today(now, "America/New_York")]).toEqual(["2026-05-15", "2026-05-14"]);
  expect(thisHour(now, "Europe/Berlin")).toBe("2026-05-15T00:00");
  expect(thisHour(now, "Asia/Kolkata")).toBe("2026-05-15T04:00");
});
