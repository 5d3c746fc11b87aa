import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Feed, type Live } from "./feed";
import { swap } from "./graph";
import { call, Problem } from "./server";

vi.mock("./graph", () => ({ swap: vi.fn() }));
vi.mock("./server", async (real) => ({ ...(await real<object>()), call: vi.fn() }));

const LIVE: Live = {
  totalProducts: 1,
  totalOrders: 2,
  totalExpenses: 3,
  lastUpdated: "2026-03-01T10:00:00Z",
  version: 1,
  publishedAt: "2026-03-01T09:00:00Z",
  checkedAt: "2026-03-01T09:00:00Z",
  dataThrough: null,
  isStale: false,
  staleAfterHours: 24,
  runningRun: null,
  refreshIn: 0,
  platforms: [],
};

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

async function swaps(...told: Partial<Live>[]): Promise<number> {
  vi.mocked(swap).mockClear();
  const feed = new Feed("demo", false);
  for (const live of told) {
    vi.mocked(call).mockResolvedValueOnce({ data: { ...LIVE, ...live } });
    await feed.look();
  }
  return vi.mocked(swap).mock.calls.length;
}

test("figures are asked for again where there is something newer to say of them", async () => {
  expect(await swaps({}, {})).toBe(0);
  expect(await swaps({}, { totalOrders: 5 })).toBe(0);
  expect(await swaps({}, { version: 2, checkedAt: "2026-03-01T10:00:00Z" })).toBe(1);
});

test("a refresh that found nothing new makes the cards as young as the page says", async () => {
  expect(await swaps({}, { checkedAt: "2026-03-01T10:00:00Z" }, { checkedAt: "2026-03-01T10:00:00Z" })).toBe(1);
});

test("a page that nobody touches hears at once that the network is gone, and that it is back", async () => {
  const network = new EventTarget();
  vi.stubGlobal("window", network);
  vi.stubGlobal("document", Object.assign(new EventTarget(), { hidden: false }));
  vi.mocked(call).mockReset().mockResolvedValue({ data: LIVE });
  const feed = new Feed("demo", false);
  const stop = feed.start("all");
  await vi.advanceTimersByTimeAsync(0);
  expect(feed.snapshot()).toMatchObject({ problem: null, returns: 0 });
  vi.mocked(call).mockRejectedValueOnce(new Problem(0, "The server cannot be reached."));
  network.dispatchEvent(new Event("offline"));
  await vi.advanceTimersByTimeAsync(0);
  expect(feed.snapshot().problem?.unreachable).toBe(true);
  network.dispatchEvent(new Event("online"));
  await vi.advanceTimersByTimeAsync(0);
  expect(feed.snapshot()).toMatchObject({ problem: null, returns: 1 });
  stop();
  network.dispatchEvent(new Event("online"));
  expect(vi.mocked(call)).toHaveBeenCalledTimes(3);
  vi.unstubAllGlobals();
});
