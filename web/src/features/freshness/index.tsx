import { useCatalogue } from "@/shared/catalogue";
import { useEvery } from "@/shared/clock";
import { duration } from "@/shared/duration";
import { useLive } from "@/shared/live";
import { type Rest, useRest } from "@/shared/rest";
import { Age } from "@/shared/ui/age";
import { Ahead } from "@/shared/ui/ahead";
import { Badge } from "@/shared/ui/badge";
import { Facts } from "@/shared/ui/facts";
import { Panel } from "@/shared/ui/panel";
import { History } from "./history";
import { Metrics } from "./metrics";
import { Runs } from "./runs";
import { type Due, nextDue, type Status, triggerName } from "./standing";
import "./freshness.css";

const LOOK = 15;

/** How old each figure is, how it came to be, and when it is looked at next. */
export default function Freshness() {
  const status = useRest<{ data: Status }>("/api/admin/analytics/status");
  const jobs = useRest<{ data: Due }>("/api/jobs");
  const catalogue = useCatalogue();
  useEvery(LOOK, status.again);
  return (
    <div className="panels">
      <Now of={status} due={jobs.data?.data} />
      <Alerts of={status} />
      <Metrics of={status} due={jobs.data?.data} catalogue={catalogue.data} />
      <Runs of={status} catalogue={catalogue.data} />
      <History catalogue={catalogue} />
    </div>
  );
}

/** How the figures stand as a whole. */
function Now({ of, due }: { of: Rest<{ data: Status }>; due: Due | undefined }) {
  const { run } = useLive();
  return (
    <Panel title="Now" of={of} height={72}>
      {({ data }) => {
        const last = data.runs.find(({ status }) => status === "completed");
        const next = due && nextDue("", due);
        const busy = data.runningRun !== null || run?.state === "running";
        return (
          <Facts
            of={[
              {
                name: "Figures",
                value: busy ? (
                  <Badge mood="busy">Refreshing</Badge>
                ) : data.version === 0 ? (
                  <Badge>Not yet computed</Badge>
                ) : data.isStale ? (
                  <Badge mood="warn">Old</Badge>
                ) : (
                  <Badge mood="good">Fresh</Badge>
                ),
                note: `Version ${data.version}`,
              },
              {
                name: "Found current",
                value: data.checkedAt ? <Age at={data.checkedAt} /> : "–",
                note: data.publishedAt && <Age at={data.publishedAt} before="Last changed " />,
              },
              { name: "Data through", value: data.dataThrough ? <Age at={data.dataThrough} /> : "–" },
              {
                name: "Last refresh took",
                value: duration(last?.durationMs),
                note: last && `Started by ${triggerName(last.triggeredBy)}`,
              },
              {
                name: "Next due",
                value: next ? <Ahead at={next} /> : "–",
                note: due && !next && "Nobody works by the clock here",
              },
            ]}
          />
        );
      }}
    </Panel>
  );
}

/** What a person should look at; nothing is drawn where there is nothing. */
function Alerts({ of }: { of: Rest<{ data: Status }> }) {
  const alerts = of.data?.data.alerts ?? [];
  if (alerts.length === 0) return null;
  return (
    <section className="card alerts" aria-label="To look at">
      <header>
        <h2>To look at</h2>
      </header>
      <ul>
        {alerts.map(({ kind, subject, message, raisedAt }) => (
          <li key={`${kind} ${subject}`}>
            <Badge mood="bad">{kind.charAt(0).toUpperCase() + kind.slice(1).replaceAll("_", " ")}</Badge>
            <span>{message}</span>
            <span className="note">
              <Age at={raisedAt} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
