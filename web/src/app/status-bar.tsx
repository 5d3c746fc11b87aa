import { useClock } from "@/shared/clock";
import { ago } from "@/shared/format";
import { STEPS, useLive } from "@/shared/live";
import { usePaused } from "@/shared/pace";
import { useSession } from "@/shared/session";
import { Icon } from "@/shared/ui/icon";

/** What one has to know before trusting the figures: the server is gone, the refresh failed, or they are old. */
export function StatusBar() {
  const { shop } = useSession();
  const { live, problem, run, until } = useLive();
  const since = live?.checkedAt ?? live?.publishedAt;
  const age = useClock((now) => (since ? ago(since, now) : ""));
  const paused = usePaused();
  const waiting = useClock((now) => until > now);
  const last = age && ` The figures below are the last good ones, from ${age}.`;
  let told = "";
  let kind = "warning";
  if (problem) told = `${sentence(problem.message)}${last}${problem.unreachable ? " Trying again." : ""}`;
  else if (run?.state === "failed") {
    const reason = sentence(run.error ?? "");
    told = (reason.startsWith("The refresh") ? reason : `The refresh failed: ${reason}`) + last;
  } else if (paused) {
    kind = "stale";
    told = "The server has been asked for a lot within a minute. What is missing comes by itself in a moment.";
  } else if (live?.isStale && since && run?.state !== "running") {
    kind = "stale";
    told = `These figures are from ${age}.${shop.role === "admin" && !waiting ? " Refresh to bring them up to date." : ""}`;
  }
  return (
    <>
      <div role="status" className="status" data-kind={kind} hidden={!told}>
        <Icon name="warning" />
        <span>{told}</span>
      </div>
      <p className="unseen" aria-live="polite">
        {run?.state === "running" &&
          (run.index ? `${STEPS[run.index - 1]}, step ${run.index} of ${STEPS.length}.` : "Refreshing.")}
        {run?.state === "done" && "Refreshed."}
      </p>
    </>
  );
}

function sentence(text: string): string {
  return text.replace(/\.?$/, ".");
}
