import { area, line } from "d3-shape";
import { useSession } from "../session";
import type { Scales } from "./axis";
import { Plot } from "./plot";

export interface Ranked {
  name: string;
  value: number;
  /** Of all, together with those before it; in percent. */
  share: number;
  /** Parts of one colour stand side by side. */
  colour: string;
}

export interface ParetoProps {
  title: string;
  /** The largest first. */
  parts: readonly Ranked[];
  height?: number;
}

/** How much of the whole the largest parts make together. */
export default function Pareto({ title, parts, height = 240 }: ParetoProps) {
  const { format } = useSession();
  return (
    <Plot
      label={title}
      periods={parts.map((_, place) => String(place + 1))}
      named={(period) => format.figure(Number(period), "count")}
      values={[0, 100]}
      unit="percent"
      height={height}
      tell={(place) => {
        const part = parts[place];
        const colour = part?.colour ?? "";
        return {
          title: `${format.figure(place + 1, "count")}. ${part?.name ?? ""}`,
          lines: [
            { name: "Sales", text: format.figure(part?.value, "money"), colour },
            { name: "With all before it", text: format.figure(part?.share, "percent"), colour: "var(--edge)" },
          ],
        };
      }}
    >
      {(scales, place) => (
        <>
          {[...new Set(parts.map(({ colour }) => colour))].map((colour) => (
            <path key={colour} d={filling(scales, parts, colour)} fill={colour} fillOpacity={0.3} />
          ))}
          <path className="stroke" d={stroke(scales, parts)} style={{ stroke: "var(--text)" }} />
          {place !== null && parts[place] && (
            <circle className="dot" cx={scales.x(place)} cy={scales.y(parts[place].share)} r={4} />
          )}
        </>
      )}
    </Plot>
  );
}

/** From the middle of one place to that of the next, so that colours meet. */
function filling({ x, y, step }: Scales, parts: readonly Ranked[], colour: string): string {
  const own = parts.map((part, place) => ({ ...part, place })).filter((part) => part.colour === colour);
  const edges = own.flatMap(({ place, share }) => [
    { left: x(place) - step / 2, share },
    { left: x(place) + step / 2, share },
  ]);
  const drawn = area<(typeof edges)[number]>()
    .x(({ left }) => left)
    .y0(y(0))
    .y1(({ share }) => y(share));
  return drawn(edges) ?? "";
}

function stroke({ x, y }: Scales, parts: readonly Ranked[]): string {
  const drawn = line<Ranked>()
    .x((_, place) => x(place))
    .y(({ share }) => y(share));
  return drawn([...parts]) ?? "";
}
