/** How a shop stands, in a word. Pure. */

import type { Mood } from "@/shared/ui/badge";

export interface Live {
  version: number;
  checkedAt: string | null;
  dataThrough: string | null;
  isStale: boolean;
  runningRun: string | null;
  totalOrders: number;
}

export interface Month {
  data: { netSales: number; orders: number; growth: { netSales: number | null } | null };
}

export function health(live: Live): { mood: Mood; name: string } {
  if (live.runningRun) return { mood: "busy", name: "Refreshing" };
  if (live.version === 0)
    return live.totalOrders ? { mood: "warn", name: "Not counted" } : { mood: "none", name: "Empty" };
  return live.isStale ? { mood: "warn", name: "Old" } : { mood: "good", name: "Fresh" };
}
