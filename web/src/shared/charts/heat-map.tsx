import { useState } from "react";

export interface HeatProps {
  title: string;
  rows: readonly string[];
  columns: readonly string[];
  /** Row by row. */
  values: readonly (readonly (number | null)[])[];
  /** What is told of a cell. */
  tell: (row: number, column: number) => string;
}

/** How much is where: the stronger the colour, the more. The arrow keys go from cell to cell. */
export default function HeatMap({ title, rows, columns, values, tell }: HeatProps) {
  const [at, setAt] = useState<[number, number] | null>(null);
  const [row, column] = at ?? [0, 0];
  const move = (step: number) => {
    const next = Math.min(rows.length * columns.length - 1, Math.max(0, row * columns.length + column + step));
    setAt([Math.floor(next / columns.length), next % columns.length]);
  };
  const steps: Record<string, number> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns.length,
    ArrowDown: columns.length,
  };
  return (
    <div
      className="heat"
      role="slider"
      tabIndex={0}
      aria-label={title}
      aria-valuemin={0}
      aria-valuemax={rows.length * columns.length - 1}
      aria-valuenow={row * columns.length + column}
      aria-valuetext={tell(row, column)}
      onFocus={() => setAt((old) => old ?? [0, 0])}
      onBlur={() => setAt(null)}
      onKeyDown={(event) => {
        const step = steps[event.key];
        if (step === undefined) return;
        event.preventDefault();
        move(step);
      }}
      onPointerLeave={() => setAt(null)}
    >
      <Cells rows={rows} columns={columns} values={values} at={at} onPoint={setAt} />
      <p className="note told" aria-hidden="true">
        {at ? tell(row, column) : "The stronger the colour, the more. Point at an hour for its figures."}
      </p>
    </div>
  );
}

interface CellsProps extends Pick<HeatProps, "rows" | "columns" | "values"> {
  at: [number, number] | null;
  onPoint: (at: [number, number]) => void;
}

function Cells({ rows, columns, values, at, onPoint }: CellsProps) {
  const most = Math.max(...values.flat().map((value) => value ?? 0), 0);
  return (
    <div
      className="cells"
      style={{ gridTemplateColumns: `auto repeat(${columns.length}, minmax(0, 1fr))` }}
      aria-hidden="true"
    >
      {rows.map((name, y) => [
        <span key={name} className="label">
          {name}
        </span>,
        ...columns.map((hour, x) => (
          <span
            key={`${name} ${hour}`}
            className="cell"
            data-at={at?.[0] === y && at[1] === x}
            data-none={values[y]?.[x] == null}
            style={{ "--much": most > 0 ? (values[y]?.[x] ?? 0) / most : 0 } as React.CSSProperties}
            onPointerEnter={() => onPoint([y, x])}
          />
        )),
      ])}
      <span />
      {columns.map((name, x) => (
        <span key={name} className="label below">
          {x % 3 === 0 ? name : ""}
        </span>
      ))}
    </div>
  );
}
