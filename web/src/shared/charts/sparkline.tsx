const [WIDTH, HEIGHT, EDGE] = [160, 32, 3];

/** The shape of a series, without numbers; what is unknown is a gap. */
export function Sparkline({ values }: { values: (number | null)[] }) {
  return (
    <svg className="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <path d={sparkPath(values)} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}

export function sparkPath(values: (number | null)[]): string {
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return "";
  const low = Math.min(...known, 0);
  const span = Math.max(...known) - low || 1;
  let pen = "M";
  return values
    .map((value, place) => {
      if (value === null) {
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
