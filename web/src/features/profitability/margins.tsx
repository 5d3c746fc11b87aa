import { platformName } from "@/shared/format";
import { useSession } from "@/shared/session";
import type { Column } from "@/shared/table";
import { BigTable } from "@/shared/ui/big-table";
import { Card, type CardStanding } from "@/shared/ui/card";
import { ProductLink } from "@/shared/ui/product-link";
import { Switch } from "@/shared/ui/switch";
import type { Answer } from "./question";

type Row = NonNullable<Answer["margins"]>[number];

export const GROUPINGS = {
  product: { group: "PRODUCT", label: "Product", each: ["product", "products"], none: "Sold without naming a product" },
  category: { group: "CATEGORY", label: "Category", each: ["category", "categories"], none: "Uncategorised" },
  platform: { group: "PLATFORM", label: "Platform", each: ["platform", "platforms"], none: "–" },
  segment: {
    group: "SEGMENT",
    label: "Segment",
    each: ["segment", "segments"],
    none: "Guests and customers without a segment",
  },
  representative: {
    group: "REPRESENTATIVE",
    label: "Representative",
    each: ["representative", "representatives"],
    none: "Sold without a representative",
  },
  month: { group: "MONTH", label: "Month", each: ["month", "months"], none: "–" },
} as const;
export type Grouping = keyof typeof GROUPINGS;
const MOST = 100;

const keyOf = ({ platform, groupId }: Row) => `${platform} ${groupId}`;
const textOf = ({ name, groupId, platform }: Row) => `${name ?? groupId ?? ""} ${platform ?? ""}`;

interface Props extends CardStanding {
  margins: readonly Row[];
  by: Grouping;
  group: (by: Grouping) => void;
}

/** Profit and margin of each of its groups. */
export function Margins({ margins, by, group, ...standing }: Props) {
  const { format } = useSession();
  const { label, each, none } = GROUPINGS[by];
  const nameOf = (row: Row) => {
    if (by === "month" && row.groupId) return format.period(row.groupId);
    if (by === "platform" && row.groupId) return platformName(row.groupId);
    return row.name ?? row.groupId ?? none;
  };
  const columns: Column<Row>[] = [
    {
      name: by,
      label,
      value: (row) => (by === "month" ? row.groupId : nameOf(row)),
      shown: nameOf,
      ...(by === "product" && { drawn: (row) => <ToProduct row={row} name={nameOf(row)} /> }),
    },
    ...(by === "platform" || by === "month"
      ? []
      : [
          {
            name: "platform",
            label: "Platform",
            value: (row: Row) => row.platform,
            shown: (row: Row) => platformName(row.platform ?? "–"),
          },
        ]),
    { name: "units", label: "Units", unit: "count", value: (row) => row.units },
    { name: "netSales", label: "Net sales", unit: "money", value: (row) => row.netSales },
    { name: "cost", label: "Cost", unit: "money", value: (row) => (row.profit === null ? null : row.cost) },
    { name: "profit", label: "Gross profit", unit: "money", value: (row) => row.profit },
    { name: "margin", label: "Margin", unit: "percent", value: (row) => row.margin },
    { name: "costCoverage", label: "Cost known", unit: "percent", value: (row) => row.costCoverage },
  ];
  return (
    <Card
      title={`Profit by ${label.toLowerCase()}`}
      className="margins"
      {...standing}
      height={420}
      empty="Nothing was sold in these days"
      note={
        margins.length >= MOST
          ? `The ${MOST} with most profit; there may be more`
          : "Profit is sales less cost of the lines whose cost is known; returns are not taken off it"
      }
      download={{ caption: `Profit by ${label.toLowerCase()}`, each, columns, rows: margins }}
      controls={
        <Switch<Grouping>
          label="Profit by"
          value={by}
          options={(Object.keys(GROUPINGS) as Grouping[]).map((value) => ({ value, label: GROUPINGS[value].label }))}
          onChange={group}
        />
      }
    >
      <BigTable
        key={by}
        name="m"
        caption={`Profit by ${label.toLowerCase()}`}
        each={each}
        columns={columns}
        rows={margins}
        keyOf={keyOf}
        usualOrder="-profit"
        height={460}
        {...(margins.length > 12 && { textOf, searchLabel: `Search ${label.toLowerCase()}` })}
      />
    </Card>
  );
}

function ToProduct({ row: { platform, groupId }, name }: { row: Row; name: string }) {
  if (groupId === null || platform === null) return name;
  return (
    <ProductLink platform={platform} productId={groupId}>
      {name}
    </ProductLink>
  );
}
