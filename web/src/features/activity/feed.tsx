import { useState } from "react";
import { useEvery } from "@/shared/clock";
import { platformName } from "@/shared/format";
import { useMetric } from "@/shared/rest";
import { useSession } from "@/shared/session";
import type { Column, Each } from "@/shared/table";
import { Age } from "@/shared/ui/age";
import { Badge, type Mood } from "@/shared/ui/badge";
import { BigTable } from "@/shared/ui/big-table";
import { Card } from "@/shared/ui/card";
import { ProductLink } from "@/shared/ui/product-link";
import { Switch } from "@/shared/ui/switch";
import { useChoice, type View } from "@/shared/view";

interface Happening {
  occurredAt: string;
  kind: string;
  platform: string;
  id: string;
  customerId: string | null;
  productId: string | null;
  productName: string | null;
  amount: number | null;
}

const NAMES: Record<string, { name: string; mood: Mood }> = {
  order: { name: "Order", mood: "good" },
  refund: { name: "Refund", mood: "bad" },
  customer: { name: "New customer", mood: "none" },
  visit: { name: "Visit", mood: "none" },
  view: { name: "View", mood: "none" },
  cart: { name: "Cart", mood: "none" },
  checkout: { name: "Checkout", mood: "none" },
  signup: { name: "Sign-up", mood: "none" },
};
const KINDS = { all: "All", order: "Orders", refund: "Refunds", customer: "Customers", event: "Visitors" } as const;
type Kind = keyof typeof KINDS;
const EACH: Record<Kind, Each> = {
  all: ["entry", "entries"],
  order: ["order", "orders"],
  refund: ["refund", "refunds"],
  customer: ["customer", "customers"],
  event: ["entry", "entries"],
};
const LENGTHS = [20, 50, 100];
const LOOK = 30;

const COLUMNS: Column<Happening>[] = [
  {
    name: "occurredAt",
    label: "When",
    time: true,
    value: (row) => row.occurredAt,
    drawn: (row) => <Age at={row.occurredAt} />,
  },
  { name: "kind", label: "What", value: (row) => row.kind, drawn: ({ kind }) => <What kind={kind} /> },
  { name: "amount", label: "Amount", unit: "money", value: (row) => row.amount },
  { name: "platform", label: "Platform", value: (row) => row.platform, shown: (row) => platformName(row.platform) },
  { name: "id", label: "Id", value: (row) => row.id },
  { name: "customerId", label: "Customer", value: (row) => row.customerId },
  { name: "productName", label: "Product", value: (row) => row.productName, drawn: (row) => <ToProduct of={row} /> },
];
const keyOf = ({ platform, kind, id, productId, occurredAt, amount }: Happening) =>
  [platform, kind, id, productId, occurredAt, amount].join(" ");

/** What happened last, newest first; it looks again by itself. */
export function Feed({ view: { range, platform } }: { view: View }) {
  const { format } = useSession();
  const [kind, choose] = useChoice<Kind>("kind", Object.keys(KINDS) as Kind[], "all");
  const [length, setLength] = useState(0);
  const limit = LENGTHS[length] ?? 100;
  const { rows, ...standing } = useMetric<Happening>("recent_activity", { ...range, platform, kind, limit });
  useEvery(LOOK, standing.again);
  return (
    <Card
      title="What happened last"
      {...standing}
      height={860}
      note={`The latest ${format.figure(rows.length, "count")} of these days`}
      {...(rows.length > 0 && {
        download: {
          caption: "Orders, refunds, customers and visitors, newest first",
          each: EACH[kind],
          columns: COLUMNS,
          rows,
        },
      })}
      controls={
        <Switch<Kind>
          label="Kind"
          value={kind}
          options={(Object.keys(KINDS) as Kind[]).map((value) => ({ value, label: KINDS[value] }))}
          onChange={choose}
        />
      }
    >
      <BigTable
        name="feed"
        caption="Orders, refunds, customers and visitors, newest first"
        each={EACH[kind]}
        columns={COLUMNS}
        rows={rows}
        keyOf={keyOf}
        usualOrder="-occurredAt"
        height={880}
      />
      {rows.length === limit && length + 1 < LENGTHS.length && (
        <button type="button" className="button small more" onClick={() => setLength(length + 1)}>
          Show more
        </button>
      )}
    </Card>
  );
}

function What({ kind }: { kind: string }) {
  const { name, mood } = NAMES[kind] ?? { name: kind, mood: "none" };
  return <Badge mood={mood}>{name}</Badge>;
}

function ToProduct({ of: { platform, productId, productName } }: { of: Happening }) {
  if (productId === null) return "–";
  return (
    <ProductLink platform={platform} productId={productId}>
      {productName}
    </ProductLink>
  );
}
