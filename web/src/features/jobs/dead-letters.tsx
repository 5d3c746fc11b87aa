import { useAct } from "@/shared/act";
import { useRest } from "@/shared/rest";
import { call } from "@/shared/server";
import { useSession } from "@/shared/session";
import { Age } from "@/shared/ui/age";
import { Panel } from "@/shared/ui/panel";
import { State } from "@/shared/ui/state";
import { jobName, type Run, triggerName } from "./job";

/** Runs that nobody tries again by themselves. */
export function DeadLetters({ retried }: { retried: () => void }) {
  const letters = useRest<{ data: Run[] }>("/api/jobs/dead-letters");
  return (
    <Panel
      title="Given up"
      of={letters}
      height={96}
      empty={({ data }) =>
        data.length ? null : (
          <State title="Nothing has been given up">
            <p>A run that has failed as often as it may stands here, with its reason, until one goes well.</p>
          </State>
        )
      }
    >
      {({ data }) => (
        <ul className="letters">
          {data.map((run) => (
            <Letter
              key={run.runId}
              run={run}
              done={() => {
                letters.again();
                retried();
              }}
            />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Letter({ run, done }: { run: Run; done: () => void }) {
  const { shop } = useSession();
  const { busy, wrong, act } = useAct();
  const retry = () =>
    void act(() => call("POST", `/api/jobs/runs/${run.runId}/retry`, { tenant: shop.slug }).then(done));
  return (
    <li>
      <div className="what">
        <h3>{jobName(run.job)}</h3>
        <p className="note">
          <Age at={run.endedAt ?? run.dueAt} /> at attempt {run.attempt}, started by {triggerName(run.triggeredBy)}
        </p>
        <p className="wrong">{wrong || run.error || "It was for all shops; whoever runs the server sees why."}</p>
      </div>
      {shop.role === "admin" && !run.allShops && (
        <button
          type="button"
          className="button small"
          disabled={busy}
          aria-label={`Try again: ${jobName(run.job)}`}
          onClick={retry}
        >
          Try again
        </button>
      )}
    </li>
  );
}
