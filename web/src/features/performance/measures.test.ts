import { expect, test } from "vitest";
import { bytes, tierName } from "./measures";

test("sizes are told in the unit in which they are small", () => {
  expect([0, 999, 1500, 12_345_678, 512_000_000, 2e9].map(bytes)).toEqual([
    "0 B",
    "999 B",
    "1.5 KB",
    "12.3 MB",
    "512 MB",
    "2.0 GB",
  ]);
});

test("a tier has a name that says where an answer was", () => {
  expect([tierName("stored"), tierName("other")]).toEqual(["Stored by the refresh", "other"]);
});
