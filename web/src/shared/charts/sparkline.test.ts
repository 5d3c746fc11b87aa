import { expect, test } from "vitest";
import { sparkPath } from "./sparkline";

test("a line from left to right, from 0 up, with gaps for what is unknown", () => {
  expect(sparkPath([0, 10, 5])).toBe("M0 29L80 3L160 16");
  expect(sparkPath([10, null, 10])).toBe("M0 3M160 3");
  expect(sparkPath([0, 10, 5], 0, 1)).toBe("M0 29L80 3");
  expect(sparkPath([0, 10, 5], 1)).toBe("M80 3L160 16");
  expect(sparkPath([1])).toBe("");
});
