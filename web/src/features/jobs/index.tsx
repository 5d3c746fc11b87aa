import { useState } from "react";
import { useEvery } from "@/shared/clock";
import { duration } from "@/shared/duration";
import { type Rest, useRest } from "@/shared/rest";
import { Age } from "@/shared/ui/age";
import { Badge } from "@/shared/ui/badge";
import { Facts } from "@/shared/ui/facts";
import { Panel } from "@/shared/ui/panel";
import { Scrolling } from "@/shared/ui/scrolling";
import { DeadLetters } from "./dead-letters";
import { type Job, jobName, type Work } from "./job";
import { Line } from "./line";
import { Planning } from "./planning";
import "./jobs.css";

const LOOK = 5;

export interface Answer {
  data: { work: Work; jobs: Job[] };
}

/** What is done in the background: how it stands, when it comes next, and for admins the ways to change that. */
export default function Jobs() {
  const jobs = useRest<Answer>("/api/jobs");
  const [planned, plan] = useState<Job | null>(null);
  useEvery(LOOK, jobs.again);
  return (
    <div className="panels jobs">
      <Standing of={jobs} />
      <Panel title="Jobs" of={jobs} height={1190} className="every">
        {({ data }) => (
          <Scrolling className="stacks" label="Jobs and when they come next">
            <table>
              <thead>
                <tr>
                  <th scope="col">Job</th>
                  <th scope="col">Stands</th>
                  <th scope="col">Last run</th>
                  <th scope="col" className="number">
                    On average
                  </th>
                  <th scope="col">Comes next</th>
                  <td />
                </tr>
              </thead>
              <tbody>
                {data.jobs.map((job) => (
                  <Line key={job.id} job={job} again={jobs.again} plan={() => plan(job)} />
                ))}
              </tbody>
            </table>
          </Scrolling>
        )}
      </Panel>
      <DeadLetters retried={jobs.again} />
      {planned && (
        <Planning
          job={planned}
          onClose={() => plan(null)}
          done={() => {
            plan(null);
            jobs.again();
          }}
        />
      )}
    </div>
  );
}

/** Whether somebody works, and whether they keep up. */
function Standing({ of }: { of: Rest<Answer> }) {
  return (
    <Panel title="Work" of={of} height={72}>
      {({ data: { work, jobs } }) => {
        const busy = jobs.filter(({ status }) => status === "running").map(({ id }) => jobName(id));
        return (
          <Facts
            of={[
              {
                name: "Schedules",
                value: !work.automatic ? (
                  <Badge mood="warn">Switched off</Badge>
                ) : work.ticking ? (
                  <Badge mood="good">On time</Badge>
                ) : (
                  <Badge mood="bad">No worker runs</Badge>
                ),
                note: work.automatic
                  ? work.lastTick && <Age at={work.lastTick} before="Last checked " />
                  : "DISABLE_AUTO_SYNC",
              },
              { name: "Workers", value: work.workers },
              { name: "Running", value: work.running, note: busy.join(", ") },
              {
                name: "Waiting",
                value: work.waiting,
                note:
                  work.waiting > 0 &&
                  work.oldestOverdueSeconds !== null &&
                  `Overdue by ${duration(work.oldestOverdueSeconds * 1000)}`,
              },
              { name: "Given up", value: work.deadLetters, note: work.deadLetters > 0 && "See below" },
            ]}
          />
        );
      }}
    </Panel>
  );
}
