import { expect, test } from "vitest";
import { ago, countdown, formats, rangeText } from "./format";

const shop = { slug: "h", name: "Harbour", timezone: "Europe/Berlin", currency: "EUR", role: "admin" } as const;
const format = formats(shop, "en-GB");

test("figures carry the shop's currency, and what is unknown is not 0", () => {
  expect(format.figure(1234.5, "money")).toBe("€1,234.50");
  expect(format.figure(null, "money")).toBe("–");
  expect(format.figure(12.34, "percent")).toBe("12.3%");
  expect(format.short(1_250_000, "money")).toBe("€1.3m");
  expect([24, 8.24, 0.034, 0].map((value) => format.figure(value, "ratio"))).toEqual(["24.0", "8.2", "0.034", "0.0"]);
  expect(format.growth(0.125)).toBe("+12.5%");
  expect(format.growth(0)).toBe("0.0%");
  expect(format.growth(15_453.701)).toBe("+1,545,370%");
});

test("labels of days, months and hours are read by the shop's clock", () => {
  expect(format.period("2026-05-14")).toBe("Thu, 14 May 2026");
  expect(format.period("2026-05", "short")).toBe("May 2026");
  expect(format.period("2026-05", "brief")).toBe("May");
  expect(format.period("2026-05-14T23:00", "short")).toBe("23:00");
  expect(format.instant("2026-05-14T22:30:00Z")).toBe("15 May 2026, 00:30");
  expect(rangeText({ from: "2026-05-01", to: "2026-05-14" }, format)).toBe("1 May – 14 May 2026");
});

test("what the server says is written as all else is", () => {
  expect(format.told("stock is known from the end of 2026-05-14 on")).toBe(
    "stock is known from the end of Thu, 14 May 2026 on",
  );
  expect(format.told("not over yet: 2026-05, 2026-06")).toBe("not over yet: May 2026, Jun 2026");
  expect(format.told("the cost of 3.48 % of sales is not recorded")).toBe("the cost of 3.48% of sales is not recorded");
  expect(format.told("order 2026-99-1 of 12")).toBe("order 2026-99-1 of 12");
});

test("ages are told in the largest whole unit", () => {
  const now = Date.parse("2026-05-14T12:00:00Z");
  expect(ago("2026-05-14T11:59:30Z", now, "en")).toBe("just now");
  expect(ago("2026-05-14T11:56:59Z", now, "en")).toBe("3 minutes ago");
  expect(ago("2026-05-11T12:00:00Z", now, "en")).toBe("3 days ago");
  expect(ago("2026-05-14T12:00:05Z", now, "en")).toBe("just now");
  expect(countdown(245)).toBe("4:05");
});

test("nothing that was taken away is no negative amount", () => {
  expect(format.figure(-0, "money")).toBe("€0.00");
});
