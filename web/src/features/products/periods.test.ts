import { expect, test } from "vitest";
import { periods } from "./periods";

test("twelve months, the last of them up to today", () => {
  const months = periods("months", "2026-03-15");
  expect(months).toHaveLength(12);
  expect(months[0]).toEqual({ label: "2025-04", from: "2025-04-01", to: "2025-04-30" });
  expect(months[10]).toEqual({ label: "2026-02", from: "2026-02-01", to: "2026-02-28" });
  expect(months[11]).toEqual({ label: "2026-03", from: "2026-03-01", to: "2026-03-15" });
});

test("twelve weeks from Monday to Sunday, without a gap between them", () => {
  const weeks = periods("weeks", "2026-01-01");
  expect(weeks[11]).toEqual({ label: "2025-12-29", from: "2025-12-29", to: "2026-01-01" });
  expect(weeks[10]).toEqual({ label: "2025-12-22", from: "2025-12-22", to: "2025-12-28" });
  expect(periods("weeks", "2026-01-04")[11]?.to).toBe("2026-01-04");
});
