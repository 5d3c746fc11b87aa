const [WIDTH, HEIGHT, EDGE] = [160, 32, 3];

/** The shape of a series, without numbers; what is unknown is a gap, and the way to a last one not over is dotted. */
export function Sparkline({ values, running = false }: { values: (number | null)[]; running?: boolean }) {
  const last = values.findLastIndex((value) => value !== null);
  return (
    <svg className="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <path d={sparkPath(values, 0, running ? last - 1 : last)} vectorEffect="non-scaling-stroke" />
      {running && <path className="running" d={sparkPath(values, last - 1)} vectorEffect="non-scaling-stroke" />}
    </svg>
  );
}

/** Drawn from one place to another, on the scale of them all. */
export function sparkPath(values: (number | null)[], from = 0, to = values.length - 1): string {
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return "";
  const low = Math.min(...known, 0);
  const span = Math.max(...known) - low || 1;
  let pen = "M";
  return values
    .map((value, place) => {
      if (value === null || place < from || place > to) {
        pen = "M";
        return "";
      }
      const x = (place / (values.length - 1)) * WIDTH;
      const y = HEIGHT - EDGE - ((value - low) / span) * (HEIGHT - 2 * EDGE);
      const step = `${pen}${round(x)} ${round(y)}`;
      pen = "L";
      return step;
    })
    .join("");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
