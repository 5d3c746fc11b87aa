/** What visitors did, day by day, and what it comes to. Pure. */

export interface ActivityDay {
  day: string;
  visitors: number | null;
  visits: number | null;
  views: number | null;
  carts: number | null;
  checkouts: number | null;
  signups: number | null;
  orders: number;
  visitOrders: number | null;
  conversion: number | null;
}

const COUNTS = ["visits", "views", "carts", "checkouts", "signups", "visitOrders"] as const;
type Count = (typeof COUNTS)[number];

/** Of several days; unknown where it is of all of them. `conversion` is orders per hundred visits. */
export type Sums = Record<Count | "conversion", number | null>;

export function summed(days: readonly ActivityDay[]): Sums {
  const sum = (name: Count) => {
    const known = days.map((day) => day[name]).filter((value) => value !== null);
    return known.length > 0 ? known.reduce((total, value) => total + value, 0) : null;
  };
  const counts = Object.fromEntries(COUNTS.map((name) => [name, sum(name)])) as Record<Count, number | null>;
  const { visits, visitOrders } = counts;
  return { ...counts, conversion: visits && visitOrders !== null ? (visitOrders / visits) * 100 : null };
}

/**
 * How each sum has moved against the days before; unknown where those, or these, are not known day by day. A day that is
 * not over is left out, and the one that it would be compared with.
 */
export function moved(days: readonly ActivityDay[], before: readonly ActivityDay[], running: boolean): Sums {
  const whole = running ? days.slice(0, -1) : days;
  const then = before.slice(0, whole.length);
  const known = then.length === whole.length && [...whole, ...then].every(({ visits }) => visits !== null);
  const [now, earlier] = [summed(known ? whole : []), summed(known ? then : [])];
  const growth = (name: keyof Sums) => {
    const [a, b] = [now[name], earlier[name]];
    return a !== null && b ? (a - b) / Math.abs(b) : null;
  };
  return Object.fromEntries([...COUNTS, "conversion" as const].map((name) => [name, growth(name)])) as Sums;
}

/** From a visit to an order, each step with how often it comes for a hundred visits. */
export function steps(sums: Sums): { name: string; count: number | null; rate: number | null }[] {
  const counts: [string, number | null][] = [
    ["Visits", sums.visits],
    ["Products viewed", sums.views],
    ["Added to cart", sums.carts],
    ["Checkouts begun", sums.checkouts],
    ["Orders", sums.visitOrders],
  ];
  return counts.map(([name, count]) => ({
    name,
    count,
    rate: sums.visits && count !== null ? (count / sums.visits) * 100 : null,
  }));
}
