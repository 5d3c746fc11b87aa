import { expect, test } from "vitest";
import { grid } from "./week";

test("every hour stands at its place, and those that never came are unknown", () => {
  const hour = { weekday: 7, hour: 23, orders: 4, ordersPerHour: 0.5, netSalesPerHour: 12.3 };
  const week = grid([hour], "sales");
  expect(week.map((day) => day.length)).toEqual(Array(7).fill(24));
  expect([week[6]?.[23], week[0]?.[0]]).toEqual([12.3, null]);
  expect(grid([hour], "orders")[6]?.[23]).toBe(0.5);
});
