import { useAct } from "@/shared/act";
import { duration } from "@/shared/duration";
import { call } from "@/shared/server";
import { useSession } from "@/shared/session";
import { Age } from "@/shared/ui/age";
import { Ahead } from "@/shared/ui/ahead";
import { Badge } from "@/shared/ui/badge";
import { Icon } from "@/shared/ui/icon";
import { Menu, MenuItem, MenuTitle } from "@/shared/ui/menu";
import { type Job, jobName, laterOf, type Schedule, spoken, statusOf } from "./job";

/** One job, and for admins everything one can do with it. */
export function Line({ job, again, plan }: { job: Job; again: () => void; plan: () => void }) {
  const { shop } = useSession();
  const { busy, wrong, act } = useAct();
  const { mood, name } = statusOf(job.status);
  const run = job.lastRun;
  const ask = (what: string) =>
    void act(() => call("POST", `/api/jobs/${job.id}/${what}`, { tenant: shop.slug }).then(again));
  const enable = (enabled: boolean) =>
    void act(() => call("PUT", `/api/jobs/${job.id}/schedule`, { tenant: shop.slug, json: { enabled } }).then(again));
  return (
    <tr>
      <th scope="row" className="job">
        {jobName(job.id)}
        <span className="note">{job.description}</span>
        {wrong && (
          <span role="alert" className="note negative">
            {wrong}
          </span>
        )}
      </th>
      <td className="across">
        <Badge mood={mood}>{name}</Badge>
        {run?.status === "running" && run.progress?.what && <span className="note">{run.progress.what}</span>}
        {run?.error && <span className="note negative">{run.error}</span>}
      </td>
      <td data-label="Last run" data-none={!run?.startedAt}>
        {run?.startedAt ? <Age at={run.startedAt} /> : "–"}
        {run?.durationMs != null && (
          <span className="note">
            took {duration(run.durationMs)}
            {run.allShops && ", for all shops"}
          </span>
        )}
      </td>
      <td className="number" data-label="On average" data-none={job.metrics.averageMs === null}>
        {duration(job.metrics.averageMs)}
        {job.metrics.total > 0 && (
          <span className="note">
            {job.metrics.successful} of {job.metrics.total} went well
          </span>
        )}
      </td>
      <td className="across next" data-label="Comes next">
        <Next schedule={job.schedule} />
      </td>
      <td className="actions">
        {shop.role === "admin" && (
          <Menu
            button={
              <button
                type="button"
                className="button bare small square"
                disabled={busy}
                aria-label={`What to do with ${jobName(job.id)}`}
              >
                <Icon name="more" />
              </button>
            }
          >
            <MenuTitle>{jobName(job.id)}</MenuTitle>
            <MenuItem onSelect={() => ask("trigger")}>
              <Icon name="play" /> Run now
            </MenuItem>
            <MenuItem onSelect={() => ask("restart")}>
              <Icon name="refresh" /> Restart
            </MenuItem>
            <MenuItem onSelect={() => ask("stop")}>
              <Icon name="stop" /> Stop
            </MenuItem>
            <MenuTitle>Schedule</MenuTitle>
            <MenuItem onSelect={plan}>
              <Icon name="calendar" /> Change when it comes
            </MenuItem>
            {job.schedule && (
              <MenuItem onSelect={() => enable(!job.schedule?.enabled)}>
                <Icon name={job.schedule.enabled ? "stop" : "check"} />
                {job.schedule.enabled ? "Switch the schedule off" : "Switch the schedule on"}
              </MenuItem>
            )}
          </Menu>
        )}
      </td>
    </tr>
  );
}

function Next({ schedule }: { schedule: Schedule | null }) {
  const { shop, format } = useSession();
  if (!schedule) return <span className="note">When it is asked for</span>;
  const [first, ...others] = schedule.nextRuns;
  if (!schedule.enabled || !first) return <Badge mood="warn">Switched off</Badge>;
  const later = ({ day, time }: { day: string | null; time: string }) =>
    day ? `${format.period(day, "short")}, ${time}` : time;
  return (
    <>
      <Ahead at={first} />
      <span className="note">
        {spoken(schedule.cron)}
        {!/every \d* ?(second|minute|hour)/.test(spoken(schedule.cron)) && ` (${schedule.timezone})`}
        {schedule.own && ", as this shop has it"}
      </span>
      <span className="note">then {others.map((at) => later(laterOf(first, at, shop.timezone))).join(" and ")}</span>
    </>
  );
}
