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
  const { shop } = useSession();
  const { live } = useLive();
  const version = live?.version;
  const [held, setHeld] = useState<{ path: string; data?: Data; problem?: Problem }>({ path });
  const [turn, setTurn] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new version or turn asks for the same again.
  useEffect(() => {
    const aborting = new AbortController();
    call<Data>("GET", path, { tenant: shop.slug, signal: aborting.signal }).then(
      (data) => setHeld({ path, data }),
      (error) => {
        if (aborting.signal.aborted) return;
        const problem = error instanceof Problem ? error : new Problem(0, String(error));
        setHeld((old) => (old.path === path && old.data !== undefined ? { ...old, problem } : { path, problem }));
      },
    );
    return () => aborting.abort();
  }, [path, shop.slug, version, turn]);
  const again = useCallback(() => setTurn((old) => old + 1), []);
  return { data: held.data, pending: held.path !== path, problem: held.problem, again };
}

/** The rows of one metric, with all that a card says of them. */
export interface Metric<Row> {
  rows: Row[];
  fresh: Freshness | undefined;
  pending: boolean;
  problem: Problem | undefined;
  again: () => void;
}

/** One metric in as many rows as it has: what is too long for a question about a whole page. */
export function useMetric<Row>(name: string, parameters: Record<string, string | number>): Metric<Row> {
  const asked = new URLSearchParams(Object.entries(parameters).map(([key, value]) => [key, String(value)]));
  const { data, ...rest } = useRest<Freshness & { data: Row[] }>(`/api/metrics/${name}?${asked}`);
  return { rows: data?.data ?? [], fresh: data, ...rest };
}
