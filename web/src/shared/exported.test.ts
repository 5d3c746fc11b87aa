import { expect, test } from "vitest";
import { exportPath } from "./exported";
import type { Freshness } from "./graph";

const fresh = (params: Freshness["params"]): Freshness => ({
  metric: "sales_overview",
  platform: "shopify",
  params,
  computedAt: "2026-03-05T14:00:00Z",
  checkedAt: "2026-03-05T14:00:00Z",
  dataThrough: null,
  version: 1,
  stale: false,
  warnings: [],
});

test("a file is asked for by the question itself, without what the server worked out from it", () => {
  const asked = { compare: "year", clock: "event", from: "2026-03-01", to: "2026-03-05", limit: 6 };
  const told = { ...asked, beforeFrom: "2025-03-01", beforeTo: "2025-03-05", asOfHour: "2026-03-05T14" };
  expect(exportPath(fresh(told), "xlsx")).toBe(
    "/api/exports/sales_overview.xlsx?platform=shopify&compare=year&clock=event&from=2026-03-01&to=2026-03-05&limit=6",
  );
});

test("all days have no ends, and a period has days of its own", () => {
  expect(exportPath(fresh({ from: null, to: null }), "csv")).toBe("/api/exports/sales_overview.csv?platform=shopify");
  expect(exportPath(fresh({ period: "month", from: "2026-03-01", to: "2026-03-31" }), "json")).toBe(
    "/api/exports/sales_overview.json?platform=shopify&period=month",
  );
});
