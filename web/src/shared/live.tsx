/** What is so at this moment, for every part of the page. */

import { createContext, type ReactNode, useContext, useEffect, useMemo, useSyncExternalStore } from "react";
import { Feed, type Live, type Moment, type Run } from "./feed";
import { useSession } from "./session";

export type { Live, Run };

export const STEPS = ["Calculating Revenue", "Processing Expenses", "Analyzing Trends", "Finalizing Results"];

export interface LiveState extends Moment {
  refresh: () => void;
  look: () => void;
  /** Shows a run that has begun, and its figures when they are there. */
  follow: (run: string) => void;
}

const Context = createContext<LiveState | null>(null);

export function useLive(): LiveState {
  const state = useContext(Context);
  if (!state) throw new Error("Nothing is live here.");
  return state;
}

/** Mount it anew for another shop. */
export function LiveProvider({ platform, children }: { platform: string; children: ReactNode }) {
  const { shop } = useSession();
  const feed = useMemo(() => new Feed(shop.slug, shop.role === "admin"), [shop]);
  useEffect(() => feed.start(platform), [feed, platform]);
  const moment = useSyncExternalStore(feed.subscribe, feed.snapshot);
  const state = useMemo(
    () => ({
      ...moment,
      refresh: () => void feed.refresh(),
      look: () => void feed.look(),
      follow: (run: string) => void feed.follow(run),
    }),
    [moment, feed],
  );
  return <Context value={state}>{children}</Context>;
}
