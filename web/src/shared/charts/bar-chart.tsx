import { line } from "d3-shape";
import type { Unit } from "../format";
import { useSession } from "../session";
import type { Scales } from "./axis";
import { Plot } from "./plot";

export interface Series {
  name: string;
  values: readonly (number | null)[];
  colour: string;
  /** Drawn as a line over the bars. */
  line?: boolean;
}

export interface BarProps {
  title: string;
  periods: readonly string[];
  series: readonly Series[];
  unit: Unit;
  /** The last period is not over. */
  running?: boolean;
  height?: number;
}

/** Figures side by side, period by period. */
export default function BarChart({ title, periods, series, unit, running = false, height = 260 }: BarProps) {
  const { format } = useSession();
  const bars = series.filter((one) => !one.line);
  const last = periods.length - 1;
  return (
    <>
      <ul className="legend">
        {series.map(({ name, colour, line }) => (
          <li key={name}>
            <i data-line={line} style={{ background: colour }} />
            {name}
          </li>
        ))}
      </ul>
      <Plot
        label={title}
        periods={[...periods]}
        values={series.flatMap(({ values }) => values)}
        unit={unit}
        height={height}
        tell={(place) => ({
          title: format.period(periods[place] ?? "") + (running && place === last ? ", so far" : ""),
          lines: series.map(({ name, values, colour }) => ({ name, text: format.figure(values[place], unit), colour })),
        })}
      >
        {(scales, place) => (
          <>
            <Bars scales={scales} bars={bars} periods={periods} partial={running ? last : null} lit={place} />
            {series
              .filter((one) => one.line)
              .map(({ name, values, colour }) => (
                <g key={name} style={{ stroke: colour }}>
                  <path className="stroke" d={across(scales, values, 0, running ? last - 1 : last)} />
                  {running && <path className="stroke running" d={across(scales, values, last - 1, last)} />}
                </g>
              ))}
          </>
        )}
      </Plot>
    </>
  );
}

interface BarsProps {
  scales: Scales;
  bars: readonly Series[];
  periods: readonly string[];
  partial: number | null;
  lit: number | null;
}

function Bars({ scales: { x, y, step }, bars, periods, partial, lit }: BarsProps) {
  const width = Math.min(28, (step * 0.72) / bars.length);
  return bars.map(({ name, values, colour }, index) =>
    values.map((value, place) => {
      const top = y(Math.max(0, value ?? 0));
      return (
        <rect
          key={`${name} ${periods[place]}`}
          className="bar"
          data-partial={place === partial}
          data-dim={lit !== null && lit !== place}
          x={x(place) + (index - bars.length / 2) * width + 0.5}
          y={top}
          width={Math.max(1, width - 1)}
          height={Math.max(0, y(Math.min(0, value ?? 0)) - top)}
          rx={Math.min(3, width / 4)}
          fill={colour}
        />
      );
    }),
  );
}

function across({ x, y }: Scales, values: readonly (number | null)[], from: number, to: number): string {
  const drawn = line<number | null>()
    .defined((value, place) => value !== null && place >= from && place <= to)
    .x((_, place) => x(place))
    .y((value) => y(value ?? 0));
  return drawn([...values]) ?? "";
}
