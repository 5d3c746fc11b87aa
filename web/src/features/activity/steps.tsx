import { useSession } from "@/shared/session";
import { Card, type CardStanding } from "@/shared/ui/card";
import { type Sums, steps } from "./visits";

/** From a visit to an order, step by step. */
export function Steps({ sums, ...standing }: { sums: Sums } & CardStanding) {
  const { format } = useSession();
  const rows = steps(sums);
  const most = Math.max(...rows.map(({ rate }) => rate ?? 0), 1);
  return (
    <Card
      title="From visits to orders"
      className="ways span-5"
      {...standing}
      height={260}
      note="Of all visits; orders of platforms whose visits are known"
      table={{
        caption: "From visits to orders",
        each: ["step", "steps"],
        columns: [
          { name: "step", label: "Step", value: (row) => row.name },
          { name: "count", label: "How often", unit: "count", value: (row) => row.count },
          { name: "perHundredVisits", label: "Of visits", unit: "percent", value: (row) => row.rate },
        ],
        rows,
      }}
    >
      <dl>
        {rows.map(({ name, count, rate }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <b>{format.figure(rate, "percent")}</b> <span className="note">{format.figure(count, "count")}</span>
            </dd>
            <svg width="100%" height="10" aria-hidden="true">
              <rect width="100%" height="10" rx="5" fill="var(--raised)" />
              <rect width={`${((rate ?? 0) / most) * 100}%`} height="10" rx="5" fill="var(--series-1)" />
            </svg>
          </div>
        ))}
      </dl>
    </Card>
  );
}
