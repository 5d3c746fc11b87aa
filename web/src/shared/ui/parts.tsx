import { duration } from "../duration";
import "./panel.css";

/** What a time is made of, part by part. */
export function Parts({ of }: { of: readonly { name: string; ms: number }[] }) {
  const longest = Math.max(...of.map(({ ms }) => ms), 1);
  return (
    <dl className="parts">
      {of.map(({ name, ms }) => (
        <div key={name}>
          <dt>{name}</dt>
          <svg width="100%" height="6" aria-hidden="true">
            <rect width="100%" height="6" rx="3" fill="var(--raised)" />
            <rect width={`${(ms / longest) * 100}%`} height="6" rx="3" fill="var(--series-1)" />
          </svg>
          <dd>{duration(ms)}</dd>
        </div>
      ))}
    </dl>
  );
}
