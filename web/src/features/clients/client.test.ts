import { expect, test } from "vitest";
import { type Client, healthOf, listed } from "./client";

const WELL = { version: 3, isStale: false, isRefreshing: false, lastRunFailed: false, sales: null };

function client(slug: string, more: object = {}): Client {
  return { ...WELL, slug, ...more } as Client;
}

test("a shop is refreshing, failed, not counted, old or fresh", () => {
  const named = (more: object) => healthOf(client("", more));
  expect([
    named({ isRefreshing: true, lastRunFailed: true }),
    named({ lastRunFailed: true, isStale: true }),
    named({ version: 0, isStale: true }),
    named({ isStale: true }),
    named({}),
  ]).toEqual(["refreshing", "failed", "none", "old", "fresh"]);
});

test("who needs a look, who grows and who shrinks; unknown growth is neither", () => {
  const clients = [
    client("old", { isStale: true }),
    client("up", { sales: { growth: 0.2 } }),
    client("down", { sales: { growth: -0.1 } }),
    client("new", { sales: { growth: null } }),
  ];
  const slugs = (list: Parameters<typeof listed>[1]) => listed(clients, list).map(({ slug }) => slug);
  expect([slugs("all").length, slugs("attention"), slugs("growing"), slugs("shrinking")]).toEqual([
    4,
    ["old"],
    ["up"],
    ["down"],
  ]);
});
