import { useSession } from "@/shared/session";
import { Card, type CardStanding } from "@/shared/ui/card";
import { Delta } from "@/shared/ui/delta";
import { Scrolling } from "@/shared/ui/scrolling";
import type { Answer } from "./question";

const STEPS = [
  { name: "grossSales", label: "Gross sales", sign: 1 },
  { name: "discounts", label: "Discounts", sign: -1 },
  { name: "returns", label: "Returns", sign: -1 },
  { name: "netSales", label: "Net sales", sum: true, sign: 1 },
  { name: "shipping", label: "Shipping", sign: 1 },
  { name: "tax", label: "Tax", sign: 1 },
  { name: "totalSales", label: "Total sales", sum: true, sign: 1 },
] as const;

/** From gross sales to total sales, line by line. */
export function Breakdown({
  sales,
  compared,
  ...standing
}: { sales: Answer["sales"]; compared: boolean } & CardStanding) {
  const { format } = useSession();
  const rows = STEPS.map((step) => ({
    ...step,
    amount: sales ? sales[step.name] * step.sign : null,
    growth: sales?.growth?.[step.name],
  }));
  return (
    <Card
      title="What sales are made of"
      className="breakdown span-6"
      {...standing}
      height={260}
      download={{
        caption: "What sales are made of",
        each: ["step", "steps"],
        columns: [
          { name: "step", label: "Step", value: (row) => row.name },
          { name: "amount", label: "Amount", unit: "money", value: (row) => row.amount },
          { name: "growth", label: "Growth", value: (row) => row.growth },
        ],
        rows,
      }}
    >
      <Scrolling label="From gross sales to total sales">
        <table>
          <caption className="unseen">From gross sales to total sales</caption>
          <tbody>
            {rows.map((row) => (
              <tr key={row.name} className={"sum" in row ? "sum" : undefined}>
                <th scope="row">{row.label}</th>
                <td className="number">{format.figure(row.amount, "money")}</td>
                {compared && (
                  <td className="number">
                    <Delta ratio={row.growth} lessIsBetter={row.sign < 0} />
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolling>
    </Card>
  );
}
