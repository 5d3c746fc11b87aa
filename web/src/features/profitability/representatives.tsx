import { platformName } from "@/shared/format";
import { useSession } from "@/shared/session";
import type { Column, Each } from "@/shared/table";
import { BigTable } from "@/shared/ui/big-table";
import { Card, type CardStanding } from "@/shared/ui/card";
import { Delta } from "@/shared/ui/delta";
import type { Answer } from "./question";

type Row = NonNullable<Answer["representatives"]>[number];

const EACH: Each = ["representative", "representatives"];
const keyOf = ({ platform, salesRepId }: Row) => `${platform} ${salesRepId}`;

/** What each representative sold, and the commission on it. */
export function Representatives({
  representatives,
  compared,
  ...standing
}: { representatives: readonly Row[]; compared: boolean } & CardStanding) {
  const { format } = useSession();
  const due = representatives.reduce((sum, { commission }) => sum + (commission ?? 0), 0);
  const columns: Column<Row>[] = [
    { name: "name", label: "Representative", value: (row) => row.name },
    { name: "region", label: "Region", value: (row) => row.region },
    { name: "platform", label: "Platform", value: (row) => row.platform, shown: (row) => platformName(row.platform) },
    { name: "orders", label: "Orders", unit: "count", value: (row) => row.orders },
    { name: "netSales", label: "Net sales", unit: "money", value: (row) => row.netSales },
    ...(compared
      ? [
          {
            name: "growth",
            label: "Change",
            unit: "percent" as const,
            value: (row: Row) => (row.growth?.netSales == null ? null : row.growth.netSales * 100),
            drawn: (row: Row) => <Delta ratio={row.growth?.netSales} />,
          },
        ]
      : []),
    { name: "share", label: "Share", unit: "percent", value: (row) => row.share },
    { name: "averageOrderValue", label: "Average order", unit: "money", value: (row) => row.averageOrderValue },
    { name: "commissionRate", label: "Rate", unit: "percent", value: (row) => row.commissionRate },
    { name: "commission", label: "Commission", unit: "money", value: (row) => row.commission },
  ];
  return (
    <Card
      title="Sales representatives"
      {...standing}
      height={300}
      empty="No order of these days names a representative"
      {...(representatives.length > 0 && {
        note: `Commission of ${format.figure(due, "money")} in all, as far as rates are recorded; it is no expense until it is entered as one`,
      })}
      download={{ caption: "Sales representatives", each: EACH, columns, rows: representatives }}
    >
      <BigTable
        name="r"
        caption="Each representative with sales and commission"
        each={EACH}
        columns={columns}
        rows={representatives}
        keyOf={keyOf}
        usualOrder="-netSales"
        height={420}
      />
    </Card>
  );
}
