import { expect, test } from "vitest";
import { labelled, placeAt, scales } from "./axis";

test("a scale holds 0 and every value, and ends on round figures", () => {
  const plot = scales(662, 236, 6, [-20, null, 95]);
  expect(plot.ticks).toEqual([-20, 0, 20, 40, 60, 80, 100]);
  expect([plot.y(-20), plot.y(100)]).toEqual([210, 10]);
  expect([plot.step, plot.x(0), plot.x(5)]).toEqual([100, 104, 604]);
  expect(scales(662, 236, 6, []).ticks.at(-1)).toBe(1);
});

test("the pointer is above one place, the nearest at the ends", () => {
  const plot = scales(662, 236, 6, [1]);
  expect([0, 153, 155, 900].map((x) => placeAt(x, plot, 6))).toEqual([0, 0, 1, 5]);
});

test("labels keep their distance", () => {
  expect(labelled(6, 100)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(labelled(28, 20)).toEqual([0, 4, 8, 12, 16, 20, 24]);
});
