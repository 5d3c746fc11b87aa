/** Answers of the REST routes, for what is not a figure: runs, people, settings. */

import { useCallback, useEffect, useState } from "react";
import type { Freshness } from "./graph";
import { useLive } from "./live";
import { call, Problem } from "./server";
import { useSession } from "./session";

export interface Rest<Data> {
  data: Data | undefined;
  /** The answer to another path than that of `data` is on its way. */
  pending: boolean;
  problem: Problem | undefined;
  again: () => void;
}

/** What `GET path` answers; asked anew when there is a new version, and the old answer stays until then. */
export function useRest<Data>(path: string): Rest<Data> {
  const { data, ...rest } = useRests<Data>([path]);
  return { data: data?.[0], ...rest };
}

/** Several of them, which come and change together. */
function useRests<Data>(paths: readonly string[]): Rest<Data[]> {
  const { shop } = useSession();
  const { live, returns } = useLive();
  const version = live?.version;
  const asked = paths.join(" ");
  const [held, setHeld] = useState<{ asked: string; data?: Data[]; problem?: Problem }>({ asked });
  const [turn, setTurn] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new version, a server that is back or a turn asks for the same again.
  useEffect(() => {
    const aborting = new AbortController();
    const one = (path: string) => call<Data>("GET", path, { tenant: shop.slug, signal: aborting.signal });
    Promise.all(asked.split(" ").map(one)).then(
      (data) => setHeld({ asked, data }),
      (error) => {
        if (aborting.signal.aborted) return;
        const problem = error instanceof Problem ? error : new Problem(0, String(error));
        setHeld((old) => (old.asked === asked && old.data !== undefined ? { ...old, problem } : { asked, problem }));
      },
    );
    return () => aborting.abort();
  }, [asked, shop.slug, version, returns, turn]);
  const again = useCallback(() => setTurn((old) => old + 1), []);
  return { data: held.data, pending: held.asked !== asked, problem: held.problem, again };
}

/** The rows of one metric, with all that a card says of them. */
export interface Metric<Row> {
  rows: Row[];
  fresh: Freshness | undefined;
  pending: boolean;
  problem: Problem | undefined;
  again: () => void;
}

export type Parameters = Record<string, string | number>;

/** One metric in as many rows as it has: what is too long for a question about a whole page. */
export function useMetric<Row>(name: string, parameters: Parameters): Metric<Row> {
  const { rows, ...rest } = useMetrics<Row>(name, [parameters]);
  return { rows: rows[0] ?? [], ...rest };
}

/** The same metric of several days or platforms; how fresh it is, is told of the first. */
export function useMetrics<Row>(
  name: string,
  sets: readonly Parameters[],
): Omit<Metric<Row>, "rows"> & { rows: Row[][] } {
  const paths = sets.map((parameters) => {
    const asked = new URLSearchParams(Object.entries(parameters).map(([key, value]) => [key, String(value)]));
    return `/api/metrics/${name}?${asked}`;
  });
  const { data, ...rest } = useRests<Freshness & { data: Row[] }>(paths);
  return { rows: data?.map((answer) => answer.data) ?? [], fresh: data?.[0], ...rest };
}
