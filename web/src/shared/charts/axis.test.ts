import { expect, test } from "vitest";
import { counted, labelled, namesYear, placeAt, scales } from "./axis";

test("a scale holds 0 and every value, and ends on round figures", () => {
  const plot = scales(662, 236, 6, [-20, null, 95]);
  expect(plot.ticks).toEqual([-20, 0, 20, 40, 60, 80, 100]);
  expect([plot.y(-20), plot.y(100)]).toEqual([210, 10]);
  expect([plot.step, plot.x(0), plot.x(5)]).toEqual([100, 104, 604]);
  expect(scales(662, 236, 6, [0, null]).ticks).toEqual([0]);
});

test("the pointer is above one place, the nearest at the ends", () => {
  const plot = scales(662, 236, 6, [1]);
  expect([0, 153, 155, 900].map((x) => placeAt(x, plot, 6))).toEqual([0, 0, 1, 5]);
});

test("labels keep their distance", () => {
  expect(labelled(Array(6).fill("2026-05-14"), 100)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(labelled(Array(28).fill("2026-05-14"), 20)).toEqual([0, 4, 8, 12, 16, 20, 24]);
  expect(labelled(Array(3).fill("2026-05"), 44)).toEqual([0, 1, 2]);
});

test("counted places are labelled at round numbers", () => {
  const named = (count: number, step: number) => counted(count, step).map((place) => place + 1);
  expect(named(691, 0.55)).toEqual([1, 100, 200, 300, 400, 500, 600]);
  expect(named(7, 60)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(named(12, 20)).toEqual([1, 5, 10]);
  expect(named(3, 2)).toEqual([1]);
  expect(named(0, 0)).toEqual([]);
});

test("months name their year once", () => {
  const told = (months: string[]) => months.map((_, place) => namesYear(months, place));
  expect(told(["2025-11", "2025-12", "2026-01", "2026-02"])).toEqual([false, false, true, false]);
  expect(told(["2026-01", "2026-02"])).toEqual([true, false]);
});
