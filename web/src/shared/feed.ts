/** What the server says of this moment, kept up to date while somebody looks. */

import { flushSync } from "react-dom";
import { swap } from "./graph";
import { call, events, onUnreachable, Problem } from "./server";

const POLL = 60_000;
const IMPATIENT = 3_000;
const LINGER = 4_000;
const BLUR = 2_000;
const NETWORK = ["online", "offline"];

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
  /** Seconds until this person may start a refresh; null where they may not at all. */
  refreshIn: number | null;
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

export interface Moment {
  live: Live | null;
  /** Why there is nothing newer. */
  problem: Problem | null;
  /** How often the server has come back: what could not be had meanwhile is to be asked for again. */
  returns: number;
  run: Run | null;
  /** When the next refresh may be asked for, in milliseconds of the clock. */
  until: number;
}

interface Progress {
  index: number;
  done: number | null;
  total: number | null;
  error?: string;
}

const BEGUN: Run = { state: "running", index: 0, done: null, total: null };

/** Asks for the version every minute, sooner while the server is gone, and follows refreshes step by step. */
export class Feed {
  private moment: Moment = { live: null, problem: null, returns: 0, run: null, until: 0 };
  private readonly listeners = new Set<() => void>();
  private platform = "";
  private timer: ReturnType<typeof setTimeout> | undefined;
  private following: AbortController | null = null;
  private looking = new AbortController();
  private missed = false;

  constructor(
    private readonly tenant: string,
    private readonly mayFollow: boolean,
  ) {}

  readonly snapshot = (): Moment => this.moment;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Looks now and from now on; what it returns ends that. */
  start(platform: string): () => void {
    this.platform = platform;
    const looking = new AbortController();
    this.looking = looking;
    const poll = () => this.poll();
    document.addEventListener("visibilitychange", poll);
    // The browser knows at once when the network has gone, and when it is back.
    for (const change of NETWORK) window.addEventListener(change, poll);
    const deaf = onUnreachable(() => this.miss());
    void this.look();
    return () => {
      looking.abort();
      deaf();
      document.removeEventListener("visibilitychange", poll);
      for (const change of NETWORK) window.removeEventListener(change, poll);
      clearTimeout(this.timer);
      this.following?.abort();
      this.following = null;
    };
  }

  readonly look = async (): Promise<void> => {
    const { signal } = this.looking;
    try {
      const { runningRun } = await this.read();
      if (runningRun && this.mayFollow && !this.following) void this.follow(runningRun);
    } catch (error) {
      if (!signal.aborted) this.set({ problem: problemOf(error) });
    }
    this.wait();
  };

  /** Somebody has not reached the server: from now on it is looked for, and not only at the next minute. */
  private miss(): void {
    if (this.gone || this.missed) return;
    this.missed = true;
    void this.look().finally(() => {
      this.missed = false;
    });
  }

  private get gone(): boolean {
    return this.moment.problem?.unreachable ?? false;
  }

  readonly refresh = async (): Promise<void> => {
    this.set({ run: BEGUN });
    try {
      const path = `/api/admin/analytics/refresh?platform=${encodeURIComponent(this.platform)}`;
      const { runId } = await call<{ runId: string }>("POST", path, { tenant: this.tenant, prefer: "respond-async" });
      await this.follow(runId);
    } catch (error) {
      const problem = problemOf(error);
      if (problem.status === 429) this.set({ run: null, until: Date.now() + (problem.retryAfter ?? 60) * 1000 });
      else if (problem.unreachable) this.set({ run: null, problem });
      else this.set({ run: { ...BEGUN, state: "failed", error: problem.message } });
      this.wait();
    }
  };

  private set(changes: Partial<Moment>): void {
    this.moment = { ...this.moment, ...changes };
    for (const tell of this.listeners) tell();
  }

  private poll(): void {
    if (document.hidden || this.following) this.wait();
    else void this.look();
  }

  private wait(): void {
    const { live } = this.moment;
    const soon = this.gone || (live?.runningRun && !this.mayFollow);
    clearTimeout(this.timer);
    if (this.looking.signal.aborted) return;
    this.timer = setTimeout(() => this.poll(), soon ? IMPATIENT : POLL);
  }

  /** Figures of a new version, or the same found to be current once more, come first, and then their age. */
  private async read(): Promise<Live> {
    const path = `/api/live?platform=${encodeURIComponent(this.platform)}`;
    const { signal } = this.looking;
    const { data } = await call<{ data: Live }>("GET", path, { tenant: this.tenant, signal });
    const { live: known, returns } = this.moment;
    const back = this.gone;
    const newer = known && (known.version !== data.version || known.checkedAt !== data.checkedAt);
    if (back || newer) await swap(this.tenant);
    this.set({
      live: data,
      problem: null,
      returns: returns + Number(back),
      until: this.waitUntil(data.refreshIn ?? 0),
    });
    return data;
  }

  /** Told in whole seconds at every look: a second more or less is no other moment. */
  private waitUntil(seconds: number): number {
    const told = seconds && Date.now() + seconds * 1000;
    return Math.abs(told - this.moment.until) < BLUR ? this.moment.until : told;
  }

  /** Tells of a run that has begun, step by step, to its end. */
  async follow(run: string): Promise<void> {
    this.following?.abort();
    const watching = new AbortController();
    this.following = watching;
    this.set({ run: BEGUN });
    const path = `/api/admin/analytics/runs/${run}/events`;
    try {
      for await (const { name, data } of events(path, { tenant: this.tenant, signal: watching.signal }))
        if (await this.hear(name, data as Progress)) return;
      if (!watching.signal.aborted) throw new Problem(0, "The server stopped telling how far the refresh is.");
    } catch (error) {
      if (!watching.signal.aborted) this.set({ run: null, problem: problemOf(error) });
    } finally {
      if (this.following === watching) this.following = null;
      this.wait();
    }
  }

  /** True once the run has ended. */
  private async hear(name: string, told: Progress): Promise<boolean> {
    const { index, done, total } = told;
    // Steps that come together are still seen one by one.
    if (name === "progress") flushSync(() => this.set({ run: { state: "running", index, done, total } }));
    if (name === "failed") {
      this.set({ run: { ...BEGUN, state: "failed", error: told.error ?? "It ended without a word." } });
      return true;
    }
    if (name !== "completed") return false;
    await this.read();
    this.set({ run: { ...BEGUN, state: "done", index: Number.POSITIVE_INFINITY } });
    setTimeout(() => this.moment.run?.state === "done" && this.set({ run: null }), LINGER);
    return true;
  }
}

function problemOf(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem(0, String(error));
}
