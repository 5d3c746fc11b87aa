import { area, curveMonotoneX, line } from "d3-shape";
import type { Unit } from "../format";
import { useSession } from "../session";
import type { Scales } from "./axis";
import { Plot } from "./plot";

export interface Point {
  label: string;
  value: number | null;
}

export interface LineProps {
  title: string;
  points: readonly Point[];
  /** The days before, one point for one of now; drawn dashed. */
  before?: readonly Point[] | undefined;
  beforeName?: string;
  unit: Unit;
  /** The last point is of a period that is not over. */
  running?: boolean;
  filled?: boolean;
  height?: number;
}

const LEGEND = 26;

/** A series over time, and the one it is compared with. */
export default function LineChart(props: LineProps) {
  const {
    title,
    points,
    before = [],
    beforeName = "Before",
    unit,
    running = false,
    filled = true,
    height = 240,
  } = props;
  const { format } = useSession();
  const now = points.map(({ value }) => value);
  const earlier = before.slice(0, points.length).map(({ value }) => value);
  // Of days that are not known, neither a line nor its name is drawn.
  const then = earlier.some((value) => value !== null) ? earlier : [];
  const last = now.findLastIndex((value) => value !== null);
  const whole = running ? now.slice(0, last) : now;
  const plot = (
    <Plot
      label={title}
      periods={points.map(({ label }) => label)}
      values={[...now, ...then]}
      unit={unit}
      height={then.length > 0 ? height - LEGEND : height}
      tell={(place) => ({
        title: format.period(points[place]?.label ?? "") + (running && place === last ? ", so far" : ""),
        lines: [
          { name: title, text: format.figure(points[place]?.value, unit), colour: "var(--series-1)" },
          ...(then.length > 0 && before[place]
            ? [
                {
                  name: `${beforeName}, ${format.period(before[place].label, "short")}`,
                  text: format.figure(before[place].value, unit),
                  colour: "var(--edge)",
                },
              ]
            : []),
        ],
      })}
    >
      {(scales, place) => (
        <>
          {filled && <path className="fill" d={filling(scales, whole)} />}
          {then.length > 0 && <path className="stroke before" d={stroke(scales, then)} />}
          <path className="stroke" d={stroke(scales, whole)} />
          {running && <path className="stroke running" d={stroke(scales, now, last - 1)} />}
          {place !== null && <Dot scales={scales} place={place} value={now[place]} />}
          {place === null && running && <Dot scales={scales} place={last} value={now[last]} hollow />}
        </>
      )}
    </Plot>
  );
  if (then.length === 0) return plot;
  return (
    <>
      <ul className="legend">
        <li>
          <i data-line style={{ background: "var(--series-1)" }} />
          {title}
        </li>
        <li>
          <i data-line="dashed" />
          {beforeName}
        </li>
      </ul>
      {plot}
    </>
  );
}

function Dot(props: { scales: Scales; place: number; value: number | null | undefined; hollow?: boolean }) {
  if (props.value == null) return null;
  return (
    <circle
      className="dot"
      data-hollow={props.hollow}
      cx={props.scales.x(props.place)}
      cy={props.scales.y(props.value)}
      r={4}
    />
  );
}

function stroke({ x, y }: Scales, values: (number | null)[], from = 0): string {
  const drawn = line<number | null>()
    .defined((value, place) => value !== null && place >= from)
    .x((_, place) => x(place))
    .y((value) => y(value ?? 0))
    .curve(curveMonotoneX);
  return drawn(values) ?? "";
}

function filling({ x, y }: Scales, values: (number | null)[]): string {
  const drawn = area<number | null>()
    .defined((value) => value !== null)
    .x((_, place) => x(place))
    .y0(y(0))
    .y1((value) => y(value ?? 0))
    .curve(curveMonotoneX);
  return drawn(values) ?? "";
}
