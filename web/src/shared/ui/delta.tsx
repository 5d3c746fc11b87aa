import { useSession } from "../session";

/** How a figure has moved: sign, arrow and colour say the same. `lessIsBetter` for what one would rather not have. */
export function Delta({ ratio, lessIsBetter = false }: { ratio: number | null | undefined; lessIsBetter?: boolean }) {
  const { format } = useSession();
  if (ratio == null) return <span className="delta">no comparison</span>;
  const told = format.growth(ratio);
  const still = !/[1-9]/.test(told);
  const mood = still ? "none" : ratio > 0 === lessIsBetter ? "bad" : "good";
  return (
    <span className="delta" data-mood={mood}>
      <span aria-hidden="true">{still ? "→" : ratio > 0 ? "▲" : "▼"}</span>
      {told}
    </span>
  );
}
