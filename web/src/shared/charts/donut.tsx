import { arc, pie } from "d3-shape";
import type { Unit } from "../format";
import { useSession } from "../session";

export interface Part {
  name: string;
  value: number;
}

export interface DonutProps {
  title: string;
  parts: readonly Part[];
  unit: Unit;
}

const [SIZE, HOLE, SHOWN] = [168, 54, 5];
const REST = "Everything else";

/** Shares of a whole, named beside it with their figures; what is small is put together. */
export default function Donut({ title, parts, unit }: DonutProps) {
  const { format } = useSession();
  const slices = together(parts);
  const whole = slices.reduce((sum, { value }) => sum + value, 0);
  const drawn = arc<{ startAngle: number; endAngle: number }>()
    .innerRadius(HOLE)
    .outerRadius(SIZE / 2)
    .padAngle(0.016)
    .cornerRadius(3);
  const angles = pie<Part>()
    .sort(null)
    .value(({ value }) => value)(slices);
  return (
    <div className="donut">
      <div>
        <svg viewBox={`${-SIZE / 2} ${-SIZE / 2} ${SIZE} ${SIZE}`} aria-hidden="true">
          {angles.map((angle, place) => (
            <path key={angle.data.name} d={drawn(angle) ?? ""} fill={colour(place)} />
          ))}
          <text className="whole" textAnchor="middle" dy="0.35em">
            {format.short(whole, unit)}
          </text>
        </svg>
        <ul aria-label={title}>
          {slices.map(({ name, value }, place) => (
            <li key={name}>
              <i style={{ background: colour(place) }} />
              <span>{name}</span>
              <b>{format.figure(value, unit)}</b>
              <span className="note">{whole > 0 ? format.figure((value / whole) * 100, "percent") : ""}</span>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

export function together(parts: readonly Part[]): Part[] {
  const positive = parts.filter(({ value }) => value > 0);
  if (positive.length <= SHOWN + 1) return positive;
  const rest = positive.slice(SHOWN).reduce((sum, { value }) => sum + value, 0);
  return [...positive.slice(0, SHOWN), { name: REST, value: rest }];
}

function colour(place: number): string {
  return `var(--series-${(place % 6) + 1})`;
}
