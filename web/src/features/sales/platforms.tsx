import { platformName } from "@/shared/format";
import { useSession } from "@/shared/session";
import { Card, type CardStanding } from "@/shared/ui/card";
import { Delta } from "@/shared/ui/delta";
import type { Answer } from "./question";

type Row = NonNullable<Answer["platforms"]>[number];

/** The same figures of each platform, side by side. */
export function Platforms({
  platforms,
  compared,
  ...standing
}: { platforms: Row[]; compared: boolean } & CardStanding) {
  const { format } = useSession();
  const idle = platforms.filter((row) => row.orders === 0 && row.netSales === 0 && row.growth?.netSales == null);
  const told = (row: Row) =>
    row.orders === 0
      ? "No orders in these days"
      : `${format.figure(row.share, "percent")} of net sales · ${format.figure(row.orders, "count")} orders of ` +
        `${format.figure(row.averageOrderValue, "money")} · ${format.figure(row.returnRate, "percent")} returned`;
  return (
    <Card
      title="Platforms"
      className="span-6"
      {...standing}
      height={200}
      empty="No platform sold anything in these days"
      download={{
        caption: "Platforms",
        each: ["platform", "platforms"],
        columns: [
          { name: "platform", label: "Platform", value: (row: Row) => row.platform },
          { name: "netSales", label: "Net sales", unit: "money", value: (row: Row) => row.netSales },
          { name: "orders", label: "Orders", unit: "count", value: (row: Row) => row.orders },
          { name: "units", label: "Units", unit: "count", value: (row: Row) => row.units },
          {
            name: "averageOrderValue",
            label: "Average order",
            unit: "money",
            value: (row: Row) => row.averageOrderValue,
          },
          { name: "returnRate", label: "Return rate", unit: "percent", value: (row: Row) => row.returnRate },
          { name: "share", label: "Share", unit: "percent", value: (row: Row) => row.share },
        ],
        rows: platforms,
      }}
    >
      <ul className="sides">
        {platforms
          .filter((row) => !idle.includes(row))
          .map((row) => (
            <li key={row.platform}>
              <h3>{platformName(row.platform)}</h3>
              <p>
                <b>{format.figure(row.netSales, "money")}</b> {compared && <Delta ratio={row.growth?.netSales} />}
              </p>
              <svg width="100%" height="8" aria-hidden="true">
                <rect width="100%" height="8" rx="4" fill="var(--raised)" />
                <rect
                  width={`${Math.min(100, Math.max(0, row.share ?? 0))}%`}
                  height="8"
                  rx="4"
                  fill="var(--series-1)"
                />
              </svg>
              <p className="note">{told(row)}</p>
            </li>
          ))}
      </ul>
      {idle.length > 0 && (
        <p className="note idle">Nothing was sold on {idle.map(({ platform }) => platformName(platform)).join(", ")}</p>
      )}
    </Card>
  );
}
