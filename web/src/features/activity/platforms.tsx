import { platformName } from "@/shared/format";
import type { Column } from "@/shared/table";
import { Card, type CardStanding } from "@/shared/ui/card";
import { DataTable } from "@/shared/ui/data-table";
import type { Answer } from "./question";

type Row = NonNullable<Answer["platforms"]>[number];

const COLUMNS: Column<Row>[] = [
  { name: "platform", label: "Platform", value: (row) => row.platform, shown: (row) => platformName(row.platform) },
  { name: "visits", label: "Visits", unit: "count", value: (row) => row.visits },
  { name: "views", label: "Views", unit: "count", value: (row) => row.views },
  { name: "carts", label: "Carts", unit: "count", value: (row) => row.carts },
  { name: "checkouts", label: "Checkouts", unit: "count", value: (row) => row.checkouts },
  { name: "signups", label: "Sign-ups", unit: "count", value: (row) => row.signups },
  { name: "orders", label: "Orders", unit: "count", value: (row) => row.visitOrders },
  { name: "conversion", label: "Conversion", unit: "percent", value: (row) => row.conversion },
];

/** The same of each platform, side by side. */
export function Platforms({ platforms, ...standing }: { platforms: Row[] } & CardStanding) {
  const table = {
    caption: "From visits to orders on each platform",
    each: ["platform", "platforms"] as const,
    columns: COLUMNS,
    rows: platforms,
  };
  return (
    <Card title="Platforms side by side" {...standing} height={120} download={table}>
      <DataTable {...table} />
    </Card>
  );
}
