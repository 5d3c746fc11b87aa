import { expect, test } from "vitest";
import { detailsOf, told } from "./entry";

test("what was done is told in words", () => {
  expect(["key.create", "sign-in", "shelf.move_up"].map(told)).toEqual(["Key made", "Sign-in", "Shelf move up"]);
});

test("details are told by name, and what goes without saying is not", () => {
  const told = (details: Record<string, unknown>) => detailsOf({ details });
  expect(told({ outcome: "ok" })).toBe("");
  expect(told({ outcome: "wrong password" })).toBe("wrong password");
  expect(told({ enabled: false, cron: "0 * * * *" })).toBe("switched off · cron 0 * * * *");
  expect(told({ role: "admin", scopes: ["read", "events"], preset: null })).toBe("role admin · scopes read, events");
  expect(told({ records: { orders: 3, products: 2 } })).toBe("records orders 3, products 2");
});
