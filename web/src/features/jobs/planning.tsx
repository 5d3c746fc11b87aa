import { useEffect, useState } from "react";
import { useRest } from "@/shared/rest";
import { call } from "@/shared/server";
import { useSession } from "@/shared/session";
import { Window } from "@/shared/ui/window";
import { type Job, jobName, spoken } from "./job";

const PAUSE = 250;
const USUAL = ["*/15 * * * *", "0 * * * *", "0 */6 * * *", "0 4 * * *"];

/** When a job comes for this shop, with the next three times before it is settled. */
export function Planning({ job, onClose, done }: { job: Job; onClose: () => void; done: () => void }) {
  const { shop } = useSession();
  const [cron, setCron] = useState(job.schedule?.cron ?? "0 * * * *");
  const [zone, setZone] = useState(job.schedule?.own ? job.schedule.timezone : shop.timezone);
  const [missed, setMissed] = useState(job.schedule?.missed ?? "once");
  const path = `/api/jobs/${job.id}/schedule`;
  const zones = [...new Set([shop.timezone, job.schedule?.timezone ?? "UTC", "UTC"])];
  async function reset() {
    await call("DELETE", path, { tenant: shop.slug });
    done();
  }
  return (
    <Window
      title={`Schedule of ${jobName(job.id)}`}
      action="Use this schedule"
      ready={cron.trim() !== ""}
      onClose={onClose}
      act={async () => {
        const wanted = { cron: cron.trim(), timezone: zone, missed, enabled: true };
        await call("PUT", path, { tenant: shop.slug, json: wanted });
        done();
      }}
    >
      <p>{job.description} What is chosen here holds for this shop only.</p>
      <div className="actions-row">
        {USUAL.map((usual) => (
          <button
            key={usual}
            type="button"
            className="button small"
            aria-pressed={usual === cron.trim()}
            onClick={() => setCron(usual)}
          >
            {spoken(usual)}
          </button>
        ))}
      </div>
      <label className="field">
        Cron expression
        <input
          required
          value={cron}
          maxLength={100}
          spellCheck={false}
          onChange={(event) => setCron(event.target.value)}
        />
        <span className="note">
          Minute, hour, day of the month, month, day of the week; six fields begin with seconds.
        </span>
      </label>
      <label className="field">
        Time zone
        <select value={zone} onChange={(event) => setZone(event.target.value)}>
          {zones.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      <label className="field">
        Missed runs
        <select value={missed} onChange={(event) => setMissed(event.target.value as "skip" | "once")}>
          <option value="once">Run once to catch up</option>
          <option value="skip">Skip</option>
        </select>
      </label>
      <Preview cron={cron} zone={zone} />
      {job.schedule?.own && (
        <p>
          <button type="button" className="button small" onClick={() => void reset()}>
            Back to the schedule of all shops
          </button>
        </p>
      )}
    </Window>
  );
}

function Preview({ cron, zone }: { cron: string; zone: string }) {
  const { format, shop } = useSession();
  const query = new URLSearchParams({ cron: useSettled(cron).trim(), timezone: zone });
  const { data, problem, pending } = useRest<{ data: string[] }>(`/api/jobs/next-runs?${query}`);
  return (
    <div className="preview" role="status" aria-busy={pending}>
      <h3>Next runs, in {shop.timezone}</h3>
      {problem ? (
        <p className="wrong">
          {problem.message} {problem.hint}
        </p>
      ) : (
        <ol>
          {(data?.data ?? []).map((at) => (
            <li key={at}>{format.instant(at)}</li>
          ))}
        </ol>
      )}
    </div>
  );
}

/** The value once it has not changed for a moment. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
