import { useState } from "react";
import { type Catalogue, titleOf } from "@/shared/catalogue";
import { duration } from "@/shared/duration";
import { type Format, platformName } from "@/shared/format";
import { STEPS, useLive } from "@/shared/live";
import { type Rest, useRest } from "@/shared/rest";
import { useSession } from "@/shared/session";
import { Age } from "@/shared/ui/age";
import { Badge, type Mood } from "@/shared/ui/badge";
import { Panel } from "@/shared/ui/panel";
import { Parts } from "@/shared/ui/parts";
import { Failure, Skeleton } from "@/shared/ui/state";
import { type Run, type RunSummary, type Status, triggerName } from "./standing";

const MOODS: Record<RunSummary["status"], { mood: Mood; name: string }> = {
  processing: { mood: "busy", name: "Running" },
  completed: { mood: "good", name: "Done" },
  failed: { mood: "bad", name: "Failed" },
};
const SLOWEST = 6;

/** The last refreshes: each opens to what it did and where its time went. */
export function Runs({ of, catalogue }: { of: Rest<{ data: Status }>; catalogue: Catalogue | undefined }) {
  return (
    <Panel
      title="Recent runs"
      of={of}
      height={200}
      className="half runs"
      empty={({ data }) => (data.runs.length ? null : "There has been no refresh yet")}
    >
      {({ data }) => (
        <ul>
          {data.runs.map((run) => (
            <li key={run.runId}>
              <OneRun run={run} catalogue={catalogue} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function OneRun({ run, catalogue }: { run: RunSummary; catalogue: Catalogue | undefined }) {
  const [open, setOpen] = useState(false);
  const { mood, name } = MOODS[run.status];
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Badge mood={mood}>{name}</Badge>
        <span className="what">
          <Age at={run.startedAt} /> by {triggerName(run.triggeredBy)}
          {run.platform !== "all" && `, ${platformName(run.platform)}`}
        </span>
        <span className="took">{duration(run.durationMs)}</span>
      </summary>
      {run.status === "processing" && <Progress />}
      {run.error && <p className="wrong">{run.error}</p>}
      {open && <Details id={run.runId} catalogue={catalogue} />}
    </details>
  );
}

/** How far the run is that is under way. */
function Progress() {
  const { run } = useLive();
  if (run?.state !== "running") return null;
  const told = run.done != null && run.total ? ` (${run.done} of ${run.total})` : "";
  return (
    <p className="progress-line">
      <progress max={STEPS.length} value={Math.max(0, run.index - 1)} aria-label="Steps done" />
      {run.index ? `${STEPS[run.index - 1]}${told}` : "Waiting to begin"}
    </p>
  );
}

function counted({ changesApplied, ordersProcessed, expensesProcessed }: Run, format: Format): string {
  if (!changesApplied) return "nothing had changed";
  const several = (count: number, one: string) => `${format.figure(count, "count")} ${one}${count === 1 ? "" : "s"}`;
  return (
    `${several(changesApplied, "change")} counted, of ${several(ordersProcessed, "order")} ` +
    `and ${several(expensesProcessed, "expense")}`
  );
}

function Details({ id, catalogue }: { id: string; catalogue: Catalogue | undefined }) {
  const { format } = useSession();
  const { data, problem, again } = useRest<{ data: Run }>(`/api/admin/analytics/runs/${id}`);
  if (problem) return <Failure problem={problem} again={again} />;
  if (!data) return <Skeleton height={120} />;
  const run = data.data;
  const metrics = Object.entries(run.metrics)
    .map(([name, { computation_ms }]) => ({ name: titleOf(name, catalogue), ms: computation_ms }))
    .sort((a, b) => b.ms - a.ms);
  return (
    <div className="details">
      <p className="note">
        {format.instant(run.startedAt)} · {run.version ? `version ${run.version}` : "no new version"} ·{" "}
        {counted(run, format)}
      </p>
      {Object.entries(run.metrics).map(
        ([name, { error }]) =>
          error && (
            <p key={name} className="wrong">
              {titleOf(name, catalogue)}: {error}
            </p>
          ),
      )}
      {Object.keys(run.phases).length > 0 && (
        <>
          <h3>Where the time went</h3>
          <Parts of={Object.entries(run.phases).map(([name, ms]) => ({ name, ms }))} />
        </>
      )}
      {metrics.length > 0 && (
        <>
          <h3>{metrics.length > SLOWEST ? `The slowest of ${metrics.length} metrics` : "Metrics"}</h3>
          <Parts of={metrics.slice(0, SLOWEST)} />
        </>
      )}
    </div>
  );
}
