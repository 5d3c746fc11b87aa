import { expect, test } from "vitest";
import { changed, parseSearch, stringifySearch, viewOf } from "./view";

const TODAY = "2026-05-14";

test("an empty address is the usual view", () => {
  expect(viewOf({}, TODAY)).toEqual({
    preset: "28d",
    range: { from: "2026-04-17", to: TODAY },
    comparison: "previous",
    before: { from: "2026-03-20", to: "2026-04-16" },
    platform: "all",
    clock: "event",
    running: true,
    days: 28,
  });
});

test("an address says days, comparison, platform and clock", () => {
  const search = parseSearch("?from=2026-01-01&to=2026-01-31&compare=year&platform=shopify&clock=order");
  expect(viewOf(search, TODAY)).toMatchObject({
    preset: null,
    range: { from: "2026-01-01", to: "2026-01-31" },
    before: { from: "2025-01-01", to: "2025-01-31" },
    platform: "shopify",
    clock: "order",
    running: false,
  });
});

test("what makes no sense is the usual", () => {
  const search = { range: "toString", from: "2026-02-30", to: "x", compare: "?", clock: "" };
  expect(viewOf(search, TODAY)).toEqual(viewOf({}, TODAY));
  expect(viewOf({ from: "2026-03-02", to: "2026-03-01" }, TODAY).preset).toBe("28d");
});

test("only what differs from the usual is written", () => {
  const next = changed({ tenant: "acme", compare: "year" }, { range: "28d", compare: "none", platform: "amazon" });
  expect(stringifySearch(next)).toBe("?tenant=acme&compare=none&platform=amazon");
  expect(stringifySearch(changed(next, { tenant: null, compare: null, platform: "all" }))).toBe("");
});
