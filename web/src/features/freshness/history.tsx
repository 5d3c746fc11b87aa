import { useState } from "react";
import type { Catalogue } from "@/shared/catalogue";
import { LineChart } from "@/shared/charts";
import { type Rest, useRest } from "@/shared/rest";
import { useSession } from "@/shared/session";
import { DataTable } from "@/shared/ui/data-table";
import { Panel } from "@/shared/ui/panel";
import { Switch } from "@/shared/ui/switch";
import { useChoice } from "@/shared/view";
import { chartable, type Figure, figureTitle, localLabel, type Snapshot, said } from "./snapshots";

/** What a metric said at each version whose figures differ. */
export function History({ catalogue }: { catalogue: Rest<Catalogue> }) {
  const metrics = catalogue.data ? chartable(catalogue.data) : [];
  const [metric, choose] = useChoice(
    "metric",
    metrics.map(({ name }) => name),
    "net_revenue",
  );
  const [named, name] = useState("");
  const [shown, show] = useState<"chart" | "table">("chart");
  const figures = metrics.find((one) => one.name === metric)?.figures ?? [];
  const figure =
    figures.find((one) => one.name === named) ?? figures.find((one) => one.name === "netRevenue") ?? figures[0];
  const history = useRest<{ data: { snapshots: Snapshot[] } }>(`/api/admin/analytics/history/${metric}`);
  return (
    <Panel
      title="Earlier figures"
      of={history}
      height={320}
      className="half"
      empty={({ data }) => (data.snapshots.length ? null : "There is no snapshot of this metric yet")}
      note="One point for each version whose figures differ from the one before"
      controls={
        (history.data?.data.snapshots.length ?? 0) > 1 && (
          <Switch
            label="As"
            value={shown}
            options={[
              { value: "chart", label: "Chart" },
              { value: "table", label: "Table" },
            ]}
            onChange={show}
          />
        )
      }
    >
      {({ data }) => (
        <div className="history">
          <div className="actions-row">
            <label className="note">
              Metric{" "}
              <select className="input small" value={metric} onChange={(event) => choose(event.target.value)}>
                {metrics.map((one) => (
                  <option key={one.name} value={one.name}>
                    {one.title}
                  </option>
                ))}
              </select>
            </label>
            <label className="note">
              Figure{" "}
              <select className="input small" value={figure?.name} onChange={(event) => name(event.target.value)}>
                {figures.map((one) => (
                  <option key={one.name} value={one.name}>
                    {figureTitle(one.name)}
                  </option>
                ))}
              </select>
            </label>
          </div>
          {figure && <Drawn snapshots={data.snapshots} figure={figure} as={shown} />}
        </div>
      )}
    </Panel>
  );
}

function Drawn({ snapshots, figure, as }: { snapshots: Snapshot[]; figure: Figure; as: "chart" | "table" }) {
  const { shop, format } = useSession();
  const title = figureTitle(figure.name);
  if (as === "table" || snapshots.length === 1)
    return (
      <div className="scrolls">
        <DataTable
          caption={`${title} of each version, newest first`}
          columns={[
            { name: "version", label: "Version", value: (row: Snapshot) => row.version },
            {
              name: "at",
              label: "Computed",
              value: (row) => row.createdAt,
              shown: (row) => format.instant(row.createdAt),
            },
            { name: "value", label: title, unit: figure.unit, value: (row) => said(row, figure.name) },
          ]}
          rows={[...snapshots].reverse()}
        />
      </div>
    );
  return (
    <LineChart
      title={title}
      unit={figure.unit}
      filled={snapshots.length > 1}
      points={snapshots.map((one) => ({
        label: localLabel(one.createdAt, shop.timezone),
        value: said(one, figure.name),
      }))}
    />
  );
}
