import { expect, test } from "vitest";
import { ahead, duration } from "./duration";

test("a time is told in the two largest units that it has", () => {
  const told = [null, 0.4, 37.6, 999.4, 999.6, 6085, 59_960, 250_000, 3_600_000, 7_530_000].map(duration);
  expect(told).toEqual(["–", "< 1 ms", "38 ms", "999 ms", "1.0 s", "6.1 s", "1 min", "4 min 10 s", "1 h", "2 h 6 min"]);
});

test("what is to come is told from now on, and never as past", () => {
  const now = Date.parse("2026-03-01T12:00:00Z");
  const told = ["11:59:00", "12:00:00.4", "12:00:30", "12:05:10", "14:00:00"].map((at) =>
    ahead(`2026-03-01T${at}Z`, now, "en"),
  );
  expect(told).toEqual(["now", "now", "in 30 seconds", "in 5 minutes", "in 2 hours"]);
  expect(ahead("2026-03-04T12:00:00Z", now, "en")).toBe("in 3 days");
});
