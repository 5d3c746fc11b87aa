import { expect, test } from "vitest";
import { matching } from "./commands";

test("a command is found by words of its name and group, in any order", () => {
  const commands = [
    { group: "Days", name: "Last 7 days", run: () => undefined },
    { group: "Go to", name: "Sales", run: () => undefined },
  ];
  const found = (text: string) => matching(commands, text).map(({ name }) => name);
  expect(found("")).toEqual(["Last 7 days", "Sales"]);
  expect(found("7 LAST")).toEqual(["Last 7 days"]);
  expect(found("go")).toEqual(["Sales"]);
  expect(found("nothing")).toEqual([]);
});
