import type { ReactNode } from "react";

/** A name and its value on each line. */
export function Lines({ lines }: { lines: readonly (readonly [name: string, value: ReactNode, note?: string])[] }) {
  return (
    <dl className="lines">
      {lines.map(([name, value, note]) => (
        <div key={name}>
          <dt>
            {name}
            {note && <span className="note">{note}</span>}
          </dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
