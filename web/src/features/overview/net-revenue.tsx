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
      height={200}
      note={net ? `Refunds of ${format.figure(net.refunds, "money")} are taken off` : undefined}
      table={{
        caption: "Net revenue",
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
          <p className="note">{format.figure(net.profitMarginPercentage, "percent")} of revenue</p>
          <Waterfall revenue={net.totalRevenue} expenses={net.totalExpenses} />
        </>
      )}
    </Card>
  );
}

/** Two bars to scale: what came in, and how much of it expenses take. */
function Waterfall({ revenue, expenses }: { revenue: number; expenses: number }) {
  const { format } = useSession();
  const most = Math.max(revenue, expenses, 1);
  const bars = [
    { name: "Revenue", value: revenue, colour: "var(--series-1)" },
    { name: "Expenses", value: expenses, colour: "var(--series-2)" },
  ];
  return (
    <dl className="waterfall">
      {bars.map(({ name, value, colour }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{format.figure(value, "money")}</dd>
          <svg width="100%" height="10" aria-hidden="true">
            <rect width={`${(Math.max(0, value) / most) * 100}%`} height="10" rx="3" fill={colour} />
          </svg>
        </div>
      ))}
    </dl>
  );
}
