import { type PointerEvent, type ReactNode, useLayoutEffect, useRef, useState } from "react";
import type { Format, Unit } from "../format";
import { useSession } from "../session";
import { counted, labelled, namesYear, placeAt, type Scales, scales } from "./axis";

const HALF_LETTER = 3.5;
const NARROW = 540;

export interface Told {
  title: string;
  lines: { name: string; text: string; colour: string }[];
}

interface Props {
  /** What the chart shows, for those who do not see it. */
  label: string;
  /** Of each place, as the API names it. */
  periods: string[];
  /** What the axis calls them, where they are no periods but counted. */
  named?: (period: string) => string;
  values: (number | null)[];
  unit: Unit;
  height?: number;
  tell: (place: number) => Told;
  children: (scales: Scales, place: number | null) => ReactNode;
}

/**
 * The frame of a chart: axes, and what the pointer or the arrow keys point at. The keys move an unseen slider, whose
 * value is told to screen readers.
 */
export function Plot({ label, periods, named, values, unit, height = 240, tell, children }: Props) {
  const { format } = useSession();
  const frame = useRef<HTMLElement>(null);
  const width = useWidth(frame);
  const [place, setPlace] = useState<number | null>(null);
  const plot = scales(width, height, periods.length, values);
  // Nothing is counted by halves.
  const ticks = unit === "count" ? plot.ticks.filter(Number.isInteger) : plot.ticks;
  const marks = named ? counted(periods.length, plot.step) : labelled(periods, plot.step);
  const marked = marks.map((index) => periods[index] ?? "");
  const at = place !== null && place < periods.length ? place : null;
  const point = (event: PointerEvent) => {
    const left = frame.current?.getBoundingClientRect().left ?? 0;
    setPlace(placeAt(event.clientX - left, plot, periods.length));
  };
  const spoken = tell(at ?? periods.length - 1);
  return (
    <figure
      ref={frame}
      className="plot"
      onPointerMove={point}
      onPointerDown={point}
      onPointerLeave={() => setPlace(null)}
    >
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
        {ticks.map((tick) => (
          <g key={tick} className="tick" data-zero={tick === 0}>
            <line x1={plot.box.left} x2={width - plot.box.right} y1={plot.y(tick)} y2={plot.y(tick)} />
            <text x={plot.box.left - 8} y={plot.y(tick)} dy="0.32em" textAnchor="end">
              {format.short(tick, unit)}
            </text>
          </g>
        ))}
        {marks.map((index, place) => {
          const name = named ? named(marked[place] ?? "") : axisLabel(marked, place, format);
          return (
            <text
              key={index}
              className="label"
              x={within(plot.x(index), name, width)}
              y={height - 8}
              textAnchor="middle"
            >
              {name}
            </text>
          );
        })}
        {at !== null && (
          <line className="cursor" x1={plot.x(at)} x2={plot.x(at)} y1={plot.box.top} y2={height - plot.box.bottom} />
        )}
        {width > 0 && children(plot, at)}
      </svg>
      <input
        type="range"
        min={0}
        max={periods.length - 1}
        value={at ?? periods.length - 1}
        aria-label={label}
        aria-valuetext={[spoken.title, ...spoken.lines.map(({ name, text }) => `${name}: ${text}`)].join(", ")}
        onChange={(event) => setPlace(Number(event.target.value))}
        onFocus={() => setPlace((old) => old ?? periods.length - 1)}
        onBlur={() => setPlace(null)}
      />
      {at !== null && <Tip told={tell(at)} x={plot.x(at)} width={width} />}
    </figure>
  );
}

function Tip({ told, x, width }: { told: Told; x: number; width: number }) {
  const narrow = width < NARROW;
  // Where there is no room beside the place, it stands above the chart, as far to the right as the place is.
  const slid = { left: x, translate: `${(-100 * x) / width}%` };
  const side = narrow ? slid : x > width / 2 ? { right: width - x + 12 } : { left: x + 12 };
  return (
    <div className="tip" data-above={narrow} style={side} aria-hidden="true">
      <strong>{told.title}</strong>
      {told.lines.map(({ name, text, colour }) => (
        <span key={name}>
          <i style={{ background: colour }} />
          {name} <b>{text}</b>
        </span>
      ))}
    </div>
  );
}

/** Where the middle of a name stands, so that its end is not cut off. */
function within(x: number, name: string, width: number): number {
  return Math.min(x, width - name.length * HALF_LETTER);
}

/** A new day is named where it begins by the hour, and a new year where it begins by the month. */
function axisLabel(periods: readonly string[], place: number, format: Format): string {
  const period = periods[place] ?? "";
  const day = period.slice(0, 10);
  const other = periods[place === 0 ? periods.length - 1 : place - 1] ?? "";
  const begins = period.includes("T") && !other.startsWith(day);
  if (begins || period.endsWith("T00:00")) return format.period(day, "short");
  return format.period(period, namesYear(periods, place) ? "short" : "brief");
}

function useWidth(of: React.RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = of.current;
    if (!element) return;
    setWidth(element.clientWidth);
    const seen = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    seen.observe(element);
    return () => seen.disconnect();
  }, [of]);
  return width;
}
