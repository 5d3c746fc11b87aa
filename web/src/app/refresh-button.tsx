import { useClock } from "@/shared/clock";
import { countdown } from "@/shared/format";
import { STEPS, useLive } from "@/shared/live";
import { useSession } from "@/shared/session";
import { Age } from "@/shared/ui/age";
import { Icon } from "@/shared/ui/icon";

/** Brings the figures up to date, and says how old they are. Who may not refresh sees their age alone. */
export function RefreshButton() {
  const { shop } = useSession();
  const { live, run, until, refresh } = useLive();
  const left = useClock((now) => Math.max(0, Math.ceil((until - now) / 1000)));
  const busy = run?.state === "running";
  const face = busy ? "busy" : left > 0 ? "waiting" : live?.isStale ? "stale" : "ready";
  const names = {
    busy: "Refreshing...",
    waiting: `Refresh again in ${countdown(left)}`,
    stale: "Refresh Recommended",
    ready: "Refresh Analytics",
  };
  const still = face === "busy" || face === "waiting";
  return (
    <div className="refresh">
      <span className="note">
        {live && (live.checkedAt ? <Age at={live.checkedAt} before="Updated " /> : "Never refreshed")}
      </span>
      {shop.role === "admin" && (
        <button
          type="button"
          className={face === "ready" ? "button" : "button primary"}
          data-face={face}
          aria-disabled={still}
          onClick={() => still || refresh()}
        >
          <Icon name="refresh" />
          {names[face]}
        </button>
      )}
    </div>
  );
}

/** How far the refresh is, step by step. */
export function Steps() {
  const { run } = useLive();
  if (!run || run.state === "failed") return null;
  const share = run.total && run.done !== null ? ` ${Math.min(100, Math.round((run.done / run.total) * 100))}%` : "";
  return (
    <ol className="steps" aria-label="Progress of the refresh">
      {STEPS.map((name, place) => {
        const state = place + 1 < run.index ? "done" : place + 1 === run.index ? "running" : "waiting";
        return (
          <li key={name} data-state={state} aria-current={state === "running" ? "step" : undefined}>
            {state === "done" && <Icon name="check" />}
            <span>{name}</span>
            {state === "running" && share}
          </li>
        );
      })}
    </ol>
  );
}
