import { useSession } from "@/shared/session";
import { Card, type CardStanding } from "@/shared/ui/card";
import { Switch } from "@/shared/ui/switch";
import type { Answer } from "./question";

type Segment = NonNullable<Answer["segments"]>[number];
type By = "rfm" | "stored";

const RFM: Record<string, { name: string; told: string }> = {
  champions: { name: "Champions", told: "bought lately, often and much" },
  loyal: { name: "Loyal", told: "come back and spend well" },
  promising: { name: "Promising", told: "bought lately, more than once or well" },
  new: { name: "New", told: "bought lately, for the first time" },
  needs_attention: { name: "Need attention", told: "were good, and have been quiet for a while" },
  almost_lost: { name: "Almost lost", told: "bought little, and have been quiet for a while" },
  at_risk: { name: "At risk", told: "bought often and much, long ago" },
  previously_loyal: { name: "Previously loyal", told: "used to come back, long ago" },
  dormant: { name: "Dormant", told: "bought little, long ago" },
};

interface Props extends CardStanding {
  segments: Segment[];
  by: By;
  group: (by: By) => void;
}

/** Groups of customers: how many they are, beside how much of the sales they make. */
export function Segments({ segments, by, group, ...standing }: Props) {
  const { format } = useSession();
  const nameOf = ({ segment }: Segment) => RFM[segment ?? ""]?.name ?? segment ?? "No segment";
  const known = segments.filter(({ customers }) => customers !== null);
  const most = Math.max(1, ...known.flatMap(({ customerShare, salesShare }) => [customerShare ?? 0, salesShare ?? 0]));
  return (
    <Card
      title="Segments"
      className="segments span-7"
      {...standing}
      height={420}
      empty={by === "rfm" ? "Too few customers to be scored" : "Nobody has bought yet"}
      note={
        by === "rfm"
          ? "Everybody who ever bought, by how lately, how often and for how much, against all others"
          : "Everybody who ever bought, by the segment that came with them"
      }
      controls={
        <Switch<By>
          label="Segments by"
          value={by}
          options={[
            { value: "rfm", label: "Behaviour" },
            { value: "stored", label: "As stored" },
          ]}
          onChange={group}
        />
      }
      table={{
        caption: "Segments of customers",
        each: ["segment", "segments"],
        columns: [
          { name: "segment", label: "Segment", value: (row: Segment) => row.segment, shown: nameOf },
          { name: "customers", label: "Customers", unit: "count", value: (row: Segment) => row.customers },
          { name: "customerShare", label: "Of customers", unit: "percent", value: (row: Segment) => row.customerShare },
          { name: "orders", label: "Orders", unit: "count", value: (row: Segment) => row.orders },
          { name: "netSales", label: "Net sales", unit: "money", value: (row: Segment) => row.netSales },
          { name: "salesShare", label: "Of net sales", unit: "percent", value: (row: Segment) => row.salesShare },
          { name: "averageValue", label: "Each", unit: "money", value: (row: Segment) => row.averageValue },
          { name: "averageOrders", label: "Orders each", unit: "ratio", value: (row: Segment) => row.averageOrders },
          {
            name: "averageDaysSince",
            label: "Days since",
            unit: "ratio",
            value: (row: Segment) => row.averageDaysSince,
          },
        ],
        rows: known,
      }}
    >
      <ul className="legend" aria-hidden="true">
        <li>
          <i style={{ background: "var(--series-5)" }} /> Share of customers
        </li>
        <li>
          <i style={{ background: "var(--series-1)" }} /> Share of net sales
        </li>
      </ul>
      <ul className="groups">
        {known.map((row) => (
          <li key={row.segment}>
            <div>
              <strong>{nameOf(row)}</strong>
              <span className="note">
                {RFM[row.segment ?? ""]?.told ?? `${format.figure(row.averageOrders, "ratio")} orders each`}
              </span>
            </div>
            <Bar
              most={most}
              share={row.customerShare}
              colour="var(--series-5)"
              text={`${format.figure(row.customers, "count")} customers`}
            />
            <Bar
              most={most}
              share={row.salesShare}
              colour="var(--series-1)"
              text={`${format.short(row.netSales ?? 0, "money")}, ${format.figure(row.averageValue, "money")} each`}
            />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Bar({ share, most, colour, text }: { share: number | null; most: number; colour: string; text: string }) {
  const { format } = useSession();
  return (
    <p>
      <svg width="100%" height="8" aria-hidden="true">
        <rect width="100%" height="8" rx="4" fill="var(--raised)" />
        <rect width={`${(Math.max(0, share ?? 0) / most) * 100}%`} height="8" rx="4" fill={colour} />
      </svg>
      <b>{format.figure(share, "percent")}</b>
      <span className="note">{text}</span>
    </p>
  );
}
