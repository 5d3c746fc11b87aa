/** What the server says of this moment: live counts, the version of the figures, a refresh under way. */

import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { swap } from "./graph";
import { call, events, Problem } from "./server";
import { useSession } from "./session";

const POLL = 60_000;
const IMPATIENT = 3_000;
const LINGER = 4_000;
export const STEPS = ["Calculating Revenue", "Processing Expenses", "Analyzing Trends", "Finalizing Results"];

export interface Live {
  totalProducts: number;
  totalOrders: number;
  totalExpenses: number;
  lastUpdated: string;
  version: number;
  publishedAt: string | null;
  checkedAt: string | null;
  dataThrough: string | null;
  isStale: boolean;
  staleAfterHours: number;
  runningRun: string | null;
  platforms: string[];
}

export interface Run {
  state: "running" | "done" | "failed";
  /** Which of the steps it is at, from 1; 0 before the first. */
  index: number;
  done: number | null;
  total: number | null;
  error?: string;
}

export interface LiveState {
  live: Live | null;
  /** Why there is nothing newer. */
  problem: Problem | null;
  run: Run | null;
  /** When the next refresh may be asked for, in milliseconds of the clock. */
  until: number;
  refresh: () => void;
  look: () => void;
}

const Context = createContext<LiveState | null>(null);

export function useLive(): LiveState {
  const state = useContext(Context);
  if (!state) throw new Error("Nothing is live here.");
  return state;
}

/** Asks for the version every minute while somebody looks, and follows refreshes; mount it anew for another shop. */
export function LiveProvider({ platform, children }: { platform: string; children: ReactNode }) {
  const { shop } = useSession();
  const [live, setLive] = useState<Live | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [run, setRun] = useState<Run | null>(null);
  const [until, setUntil] = useState(0);
  const version = useRef<number | null>(null);
  const following = useRef<AbortController | null>(null);
  const tenant = shop.slug;

  const failed = useCallback(
    (error: unknown) => setProblem(error instanceof Problem ? error : new Problem(0, String(error))),
    [],
  );

  const read = useCallback(async (): Promise<Live> => {
    const { data } = await call<{ data: Live }>("GET", `/api/live?platform=${encodeURIComponent(platform)}`, {
      tenant,
    });
    const newer = version.current !== null && data.version !== version.current;
    version.current = data.version;
    if (newer) await swap(tenant);
    setLive(data);
    setProblem(null);
    return data;
  }, [tenant, platform]);

  const follow = useCallback(
    async (id: string) => {
      following.current?.abort();
      const watching = new AbortController();
      following.current = watching;
      setRun({ state: "running", index: 0, done: null, total: null });
      try {
        for await (const { name, data } of events(`/api/admin/analytics/runs/${id}/events`, {
          tenant,
          signal: watching.signal,
        })) {
          const told = data as { index: number; done: number | null; total: number | null; error?: string };
          // Events that come together are still seen one by one.
          if (name === "progress")
            flushSync(() => setRun({ state: "running", index: told.index, done: told.done, total: told.total }));
          if (name === "failed") {
            setRun({
              state: "failed",
              index: 0,
              done: null,
              total: null,
              error: told.error ?? "It ended without a word.",
            });
            return;
          }
          if (name === "completed") {
            await read();
            setRun({ state: "done", index: STEPS.length + 1, done: null, total: null });
            return;
          }
        }
        if (!watching.signal.aborted) throw new Problem(0, "The server stopped telling how far the refresh is.");
      } catch (error) {
        if (watching.signal.aborted) return;
        setRun(null);
        failed(error);
      } finally {
        if (following.current === watching) following.current = null;
      }
    },
    [tenant, read, failed],
  );

  const look = useCallback(async () => {
    try {
      const seen = await read();
      if (seen.runningRun && shop.role === "admin" && !following.current) void follow(seen.runningRun);
    } catch (error) {
      failed(error);
    }
  }, [read, follow, failed, shop.role]);

  const refresh = useCallback(async () => {
    setRun({ state: "running", index: 0, done: null, total: null });
    try {
      const path = `/api/admin/analytics/refresh?platform=${encodeURIComponent(platform)}`;
      const { runId } = await call<{ runId: string }>("POST", path, { tenant, prefer: "respond-async" });
      await follow(runId);
    } catch (error) {
      setRun(null);
      if (error instanceof Problem && error.status === 429) setUntil(Date.now() + (error.retryAfter ?? 60) * 1000);
      else if (error instanceof Problem && !error.unreachable && error.status !== 401)
        setRun({ state: "failed", index: 0, done: null, total: null, error: error.message });
      else failed(error);
    }
  }, [tenant, platform, follow, failed]);

  const impatient = Boolean(problem?.unreachable) || Boolean(live?.runningRun && shop.role !== "admin");
  useEffect(() => {
    void look();
    return () => following.current?.abort();
  }, [look]);
  useEffect(() => {
    const poll = () => void (document.hidden || following.current || look());
    const timer = setInterval(poll, impatient ? IMPATIENT : POLL);
    document.addEventListener("visibilitychange", poll);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", poll);
    };
  }, [look, impatient]);
  useEffect(() => {
    if (run?.state !== "done") return;
    const timer = setTimeout(() => setRun(null), LINGER);
    return () => clearTimeout(timer);
  }, [run?.state]);

  const state = useMemo(
    () => ({ live, problem, run, until, refresh: () => void refresh(), look: () => void look() }),
    [live, problem, run, until, refresh, look],
  );
  return <Context value={state}>{children}</Context>;
}
