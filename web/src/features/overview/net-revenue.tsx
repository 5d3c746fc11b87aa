import { useSession } from "@/shared/session";
import { Card, type CardStanding } from "@/shared/ui/card";
import type { Answer } from "./question";

/** From what was taken to what is left. */
export function NetRevenue({ net, ...standing }: { net: Answer["net"] } & CardStanding) {
  const { format } = useSession();
  const steps = net
    ? [
        { name: "revenue", label: "Revenue, refunds taken off", value: net.totalRevenue },
        { name: "expenses", label: "Expenses", value: -net.totalExpenses },
        { name: "netRevenue", label: "Net revenue", value: net.netRevenue },
      ]
    : [];
  return (
    <Card
      title="Net revenue"
      className="net"
      {...standing}
      height={284}
      note={
        net &&
        (net.refunds ? `Refunds of ${format.figure(net.refunds, "money")} are taken off` : "No refunds in these days")
      }
      table={{
        caption: "Net revenue",
        each: ["step", "steps"],
        columns: [
          { name: "step", label: "Step", value: (step) => step.name, shown: (step) => step.label },
          { name: "amount", label: "Amount", unit: "money", value: (step) => step.value },
        ],
        rows: steps,
      }}
    >
      {net && (
        <>
          <p className={net.netRevenue < 0 ? "figure negative" : "figure"}>{format.figure(net.netRevenue, "money")}</p>
          <p className="note">
            {net.totalRevenue > 0
              ? `${format.figure(net.profitMarginPercentage, "percent")} of revenue`
              : net.totalRevenue < 0
                ? "More was paid back than came in"
                : "No revenue in these days"}
          </p>
          <Waterfall revenue={net.totalRevenue} expenses={net.totalExpenses} left={net.netRevenue} />
        </>
      )}
    </Card>
  );
}

/** Three bars to scale: what came in, what expenses take off its end, and what is left. */
function Waterfall({ revenue, expenses, left }: { revenue: number; expenses: number; left: number }) {
  const { format } = useSession();
  const low = Math.min(0, left);
  const span = Math.max(revenue, 0) - low || 1;
  const at = (value: number) => ((value - low) / span) * 100;
  const bars = [
    { name: "Revenue", value: revenue, from: 0, to: revenue, colour: "var(--series-1)" },
    { name: "Expenses", value: -expenses, from: left, to: revenue, colour: "var(--series-2)" },
    { name: "Left", value: left, from: 0, to: left, colour: left < 0 ? "var(--bad)" : "var(--series-1)" },
  ];
  return (
    <dl className="waterfall">
      {bars.map(({ name, value, from, to, colour }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{format.figure(value, "money")}</dd>
          <svg width="100%" height="10" aria-hidden="true">
            <rect
              x={`${at(Math.min(from, to))}%`}
              width={`${at(Math.max(from, to)) - at(Math.min(from, to))}%`}
              height="10"
              rx="3"
              fill={colour}
            />
          </svg>
        </div>
      ))}
    </dl>
  );
}
