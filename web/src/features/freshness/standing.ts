/** How each metric stands, in words. Pure. */

export interface RunSummary {
  runId: string;
  platform: string;
  status: "processing" | "completed" | "failed";
  triggeredBy: string;
  startedAt: string;
  endedAt: string | null;
  durationMs: number | null;
  changesApplied: number;
  version: number | null;
  error: string | null;
}

export interface MetricState {
  metric: string;
  computedAt: string;
  dataThrough: string | null;
  version: number;
  computationMs: number;
  failedAt: string | null;
  failure: string | null;
}

export interface Alert {
  kind: string;
  subject: string;
  message: string;
  raisedAt: string;
}

export interface Status {
  version: number;
  publishedAt: string | null;
  checkedAt: string | null;
  dataThrough: string | null;
  isStale: boolean;
  runningRun: string | null;
  runs: RunSummary[];
  metrics: MetricState[];
  alerts: Alert[];
}

export interface Run extends RunSummary {
  phases: Record<string, number>;
  metrics: Record<string, { status: string; computation_ms: number; error?: string }>;
  ordersProcessed: number;
  expensesProcessed: number;
}

export interface Due {
  work: { automatic: boolean; ticking: boolean };
  jobs: { id: string; schedule: { enabled: boolean; nextRuns: string[] } | null }[];
}

/** Jobs that see to every metric; the others see to those that they are called after. */
const ROUNDS = ["cache_refresh", "cycle", "refresh"];
const TRIGGERS: Record<string, string> = {
  schedule: "the schedule",
  cycle: "the round of all shops",
  event: "a change that came in",
  demo: "the demo",
};
const SLOW = 250;

/** When a metric is looked at next; null where nobody sees to it by the clock. */
export function nextDue(metric: string, { work, jobs }: Due): string | null {
  if (!work.automatic || !work.ticking) return null;
  const due = jobs
    .filter(({ id, schedule }) => schedule?.enabled && (id === metric || ROUNDS.includes(id)))
    .flatMap(({ schedule }) => schedule?.nextRuns.slice(0, 1) ?? []);
  return due.sort()[0] ?? null;
}

export function triggerName(triggeredBy: string): string {
  return TRIGGERS[triggeredBy] ?? triggeredBy;
}

/** The run that made a version, where it is still among the last ones. */
export function runOf(version: number, runs: readonly RunSummary[]): RunSummary | undefined {
  return runs.find((run) => run.version === version && run.status === "completed");
}

/** Why a metric was fast or slow, or was not computed at all. */
export function why(state: MetricState, { version, runs }: Pick<Status, "version" | "runs">): string {
  if (state.failure) return `Failed: ${state.failure}. The figures of version ${state.version} stay.`;
  if (state.version < version)
    return `Not computed since version ${state.version}: nothing that it is made of has changed.`;
  const run = runOf(state.version, runs);
  if (!run) return "Read from the stored counts.";
  if (state.version === 1) return "Read from the stored counts, after the first count of all records.";
  const changes = run.changesApplied === 1 ? "1 change" : `${run.changesApplied.toLocaleString()} changes`;
  if (state.computationMs > SLOW) return `Looks at every record of its days; ${changes} counted before.`;
  return run.changesApplied
    ? `Read from the stored counts, after ${changes}.`
    : "Read from the stored counts; there was nothing new to count.";
}
