import { Donut } from "@/shared/charts";
import { Card, type CardStanding } from "@/shared/ui/card";
import type { Answer } from "./question";

/** What was spent on what. */
export function Expenses({ expenses, ...standing }: { expenses: NonNullable<Answer["expenses"]> } & CardStanding) {
  return (
    <Card
      title="Expenses"
      className="expenses"
      {...standing}
      empty="No expenses in these days"
      table={{
        caption: "Expenses by category",
        each: ["category", "categories"],
        columns: [
          { name: "category", label: "Category", value: (row) => row.category },
          { name: "amount", label: "Amount", unit: "money", value: (row) => row.amount },
          { name: "percentage", label: "Share", unit: "percent", value: (row) => row.percentage },
          { name: "count", label: "Entries", unit: "count", value: (row) => row.count },
        ],
        rows: expenses,
      }}
    >
      <Donut
        title="Expenses by category"
        unit="money"
        parts={expenses.map(({ category, amount }) => ({ name: category, value: amount }))}
      />
    </Card>
  );
}
