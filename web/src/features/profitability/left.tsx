import { useSession } from "@/shared/session";
import { Card, type CardStanding } from "@/shared/ui/card";
import type { Answer } from "./question";
import { stepsOf } from "./steps";

/** From gross sales to what is left, line by line. */
export function Left({ profit, ...standing }: { profit: Answer["profit"] } & CardStanding) {
  const { format } = useSession();
  const rows = profit ? stepsOf(profit) : [];
  const most = Math.max(1, ...rows.map(({ value }) => Math.abs(value ?? 0)));
  return (
    <Card
      title="What is left"
      className="span-5"
      {...standing}
      height={310}
      note={
        profit?.contributionMargin === null && profit.costedSales > 0
          ? `Goods cost ${format.figure(profit.costOfGoods, "money")} as far as it is recorded, so net profit is unknown`
          : "Tax is no revenue and is left out"
      }
      download={{
        caption: "What is left",
        each: ["step", "steps"],
        columns: [
          { name: "step", label: "Step", value: (row) => row.name },
          { name: "amount", label: "Amount", unit: "money", value: (row) => row.value },
        ],
        rows,
      }}
    >
      <dl className="steps-down">
        {rows.map(({ name, label, value, sum = false }) => (
          <div key={name} data-sum={sum}>
            <dt>{label}</dt>
            <dd className={Number(value) < 0 && sum ? "negative" : undefined}>{format.figure(value, "money")}</dd>
            <svg width="100%" height="6" aria-hidden="true">
              <rect
                width={`${(Math.abs(value ?? 0) / most) * 100}%`}
                height="6"
                rx="3"
                fill={sum ? "var(--series-1)" : (value ?? 0) < 0 ? "var(--series-2)" : "var(--series-5)"}
              />
            </svg>
          </div>
        ))}
      </dl>
    </Card>
  );
}
