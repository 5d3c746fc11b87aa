import type { ReactNode } from "react";
import "./panel.css";

/** From so many letters on it is a sentence rather than a figure. */
const LONG = 40;

/** A few facts side by side, each under its name. */
export function Facts({ of }: { of: readonly { name: string; value: ReactNode; note?: ReactNode }[] }) {
  return (
    <dl className="facts">
      {of.map(({ name, value, note }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd data-long={typeof value === "string" && value.length > LONG}>{value}</dd>
          {note && <dd className="note">{note}</dd>}
        </div>
      ))}
    </dl>
  );
}
