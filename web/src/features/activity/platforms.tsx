import { platformName } from "@/shared/format";
import type { Column } from "@/shared/table";
import { Card, type CardStanding } from "@/shared/ui/card";
import { DataTable } from "@/shared/ui/data-table";
import { type ActivityDay, type Sums, summed } from "./visits";

type Row = Sums & { platform: string };

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

interface Props extends CardStanding {
  platforms: readonly string[];
  /** Of each of them. */
  days: readonly ActivityDay[][];
}

/** The same of each platform, side by side. */
export function Platforms({ platforms, days, ...standing }: Props) {
  const rows = platforms.map((platform, place) => ({ platform, ...summed(days[place] ?? []) }));
  const table = { caption: "From visits to orders on each platform", columns: COLUMNS, rows };
  return (
    <Card title="Platforms side by side" composed {...standing} height={120} download={table}>
      <DataTable {...table} />
    </Card>
  );
}
