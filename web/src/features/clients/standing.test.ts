import { expect, test } from "vitest";
import { health, type Live } from "./standing";

test("a shop is refreshing, empty, not counted, old or fresh", () => {
  const live: Live = { version: 3, checkedAt: "", dataThrough: "", isStale: false, runningRun: null, totalOrders: 5 };
  const named = (more: Partial<Live>) => health({ ...live, ...more }).name;
  expect([
    named({ runningRun: "r" }),
    named({ version: 0, totalOrders: 0 }),
    named({ version: 0 }),
    named({ isStale: true }),
    named({}),
  ]).toEqual(["Refreshing", "Empty", "Not counted", "Old", "Fresh"]);
});
