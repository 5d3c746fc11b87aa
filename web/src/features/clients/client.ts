/** How a shop stands, in a word. Pure. */

import type { Shop } from "@/shared/format";
import type { Mood } from "@/shared/ui/badge";

export interface Client extends Shop {
  version: number;
  checkedAt: string | null;
  dataThrough: string | null;
  isStale: boolean;
  isRefreshing: boolean;
  lastRunFailed: boolean;
  sales: { netSales: number; orders: number; growth: number | null; from: string; to: string } | null;
}

export const HEALTH = {
  failed: { mood: "bad", name: "Refresh failed" },
  none: { mood: "none", name: "Not counted" },
  old: { mood: "warn", name: "Old" },
  refreshing: { mood: "busy", name: "Refreshing" },
  fresh: { mood: "good", name: "Fresh" },
} as const satisfies Record<string, { mood: Mood; name: string }>;

export type Health = keyof typeof HEALTH;

export function healthOf({ isRefreshing, lastRunFailed, version, isStale }: Client): Health {
  if (isRefreshing) return "refreshing";
  if (lastRunFailed) return "failed";
  if (version === 0) return "none";
  return isStale ? "old" : "fresh";
}

export const LISTS = { all: "All", attention: "Needs a look", growing: "Growing", shrinking: "Shrinking" } as const;
export type List = keyof typeof LISTS;

export function listed(clients: readonly Client[], list: List): Client[] {
  const growth = ({ sales }: Client) => sales?.growth ?? 0;
  return clients.filter((client) => {
    if (list === "attention") return !["fresh", "refreshing"].includes(healthOf(client));
    if (list === "growing") return growth(client) > 0;
    return list === "all" || growth(client) < 0;
  });
}
