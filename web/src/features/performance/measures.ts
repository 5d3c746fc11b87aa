/** What the server measures of itself, for one shop. Pure. */

export interface Times {
  count: number;
  errors: number;
  refused: number;
  p50Ms: number | null;
  p95Ms: number | null;
  maxMs: number;
}

export interface Performance {
  uptimeSeconds: number;
  memoryBytes: number;
  processes: number;
  thresholdMs: number;
  requests: Times;
  endpoints: (Times & { method: string; route: string })[];
  metrics: { metric: string; evaluations: number; averageMs: number; longestMs: number; slow: number }[];
}

export interface Cache {
  requests: number;
  hitRatio: number | null;
  tiers: { tier: string; result: string; count: number; share: number }[];
  memoryEntries: number;
  memoryBytes: number;
  memoryLimitBytes: number;
  shared: "up" | "away" | "none";
}

export interface Database {
  sizeBytes: number;
  connections: number;
  mostConnections: number;
  deadRows: number;
  oldestTransactionSeconds: number;
  longestWaitSeconds: number;
  pools: { pool: string; used: number; idle: number; most: number; waiting: number }[];
  thresholdMs: number;
  slowQueries: {
    at: string;
    name: string;
    statement: string;
    metric: string | null;
    milliseconds: number;
    failed: boolean;
  }[];
}

const UNITS = ["B", "KB", "MB", "GB", "TB"];

/** `12.3 MB`, in thousands. */
export function bytes(count: number): string {
  const power = count < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(count) / 3));
  const value = count / 1000 ** power;
  return `${power && value < 100 ? value.toFixed(1) : Math.round(value)} ${UNITS[power]}`;
}

const TIERS: Record<string, string> = {
  memory: "Memory of the server",
  shared: "Shared cache",
  stored: "Stored by the refresh",
  rollup: "Worked out from the counts",
  none: "Worked out",
};

export function tierName(tier: string): string {
  return TIERS[tier] ?? tier;
}
