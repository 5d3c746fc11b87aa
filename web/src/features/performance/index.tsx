import { Fragment } from "react";
import { type Catalogue, titleOf, useCatalogue } from "@/shared/catalogue";
import { useEvery } from "@/shared/clock";
import { duration } from "@/shared/duration";
import { useRest } from "@/shared/rest";
import { useSession } from "@/shared/session";
import { DataTable } from "@/shared/ui/data-table";
import { Facts } from "@/shared/ui/facts";
import { Panel } from "@/shared/ui/panel";
import { Parts } from "@/shared/ui/parts";
import { State } from "@/shared/ui/state";
import { CachePanel } from "./cache";
import { DatabasePanel } from "./database";
import { bytes, type Performance as Measured } from "./measures";
import "./performance.css";

const LOOK = 30;
const MOST = 12;

/** How fast this shop is served, and where the time goes. */
export default function Performance() {
  const measured = useRest<{ data: Measured }>("/api/performance/metrics");
  const catalogue = useCatalogue().data;
  useEvery(LOOK, measured.again);
  return (
    <div className="panels performance">
      <Served of={measured} />
      <CachePanel />
      <Panel
        title="Metrics over 30 days"
        of={measured}
        className="half"
        height={280}
        empty={({ data }) => (data.metrics.length ? null : "No refresh has worked out a metric yet")}
        note={measured.data && <Slowest data={measured.data.data} catalogue={catalogue} />}
      >
        {({ data }) => (
          <Parts
            of={byAverage(data.metrics).map(({ metric, averageMs }) => ({
              name: titleOf(metric, catalogue),
              ms: averageMs,
            }))}
          />
        )}
      </Panel>
      <DatabasePanel catalogue={catalogue} />
      <Endpoints of={measured} />
    </div>
  );
}

function byAverage(metrics: Measured["metrics"]): Measured["metrics"] {
  return [...metrics].sort((a, b) => b.averageMs - a.averageMs).slice(0, MOST);
}

function Slowest({ data, catalogue }: { data: Measured; catalogue: Catalogue | undefined }) {
  const slow = data.metrics.filter((one) => one.slow > 0);
  const shown = `On average, the slowest ${Math.min(MOST, data.metrics.length)} of ${data.metrics.length}.`;
  if (slow.length === 0) return `${shown} None took longer than ${duration(data.thresholdMs)}.`;
  const names = slow.map(
    ({ metric, slow: times }) => `${titleOf(metric, catalogue)} (${times === 1 ? "once" : `${times} times`})`,
  );
  return `${shown} Longer than ${duration(data.thresholdMs)}: ${names.join(", ")}.`;
}

function Served({ of }: { of: ReturnType<typeof useRest<{ data: Measured }>> }) {
  const { format } = useSession();
  return (
    <Panel title="Requests of this shop" of={of} height={72}>
      {({ data: { requests, uptimeSeconds, memoryBytes, processes } }) => (
        <Facts
          of={[
            { name: "Half within", value: duration(requests.p50Ms), note: "The median answer" },
            {
              name: "95 of 100 within",
              value: duration(requests.p95Ms),
              note: `The longest took ${duration(requests.maxMs)}`,
            },
            { name: "Answered", value: format.figure(requests.count, "count"), note: `${requests.refused} refused` },
            { name: "Failed", value: format.figure(requests.errors, "count"), note: "Errors of the server" },
            {
              name: "Running for",
              value: duration(uptimeSeconds * 1000),
              note: `${bytes(memoryBytes)} in ${processes === 1 ? "1 process" : `${processes} processes`}`,
            },
          ]}
        />
      )}
    </Panel>
  );
}

/** Where it is too long for its line, it goes on with the next part of the path. */
function Endpoint({ method, route }: { method: string; route: string }) {
  return (
    <>
      {method}{" "}
      {route.split(/(?=\/)/).map((part) => (
        <Fragment key={part}>
          <wbr />
          {part}
        </Fragment>
      ))}
    </>
  );
}

function Endpoints({ of }: { of: ReturnType<typeof useRest<{ data: Measured }>> }) {
  return (
    <Panel
      title="Endpoints"
      of={of}
      height={320}
      className="endpoints"
      empty={({ data }) => (data.endpoints.length ? null : <State title="Nothing has been asked for yet" />)}
    >
      {({ data }) => (
        <DataTable
          caption="Since the server began, what is asked for most first; a percentile is told to within a quarter"
          columns={[
            {
              name: "route",
              label: "Endpoint",
              value: (row) => `${row.method} ${row.route}`,
              drawn: (row) => <Endpoint {...row} />,
            },
            { name: "count", label: "Requests", unit: "count", value: (row) => row.count },
            {
              name: "p50",
              label: "Half within",
              numeric: true,
              value: (row) => row.p50Ms,
              shown: (row) => duration(row.p50Ms),
            },
            {
              name: "p95",
              label: "95 of 100 within",
              numeric: true,
              value: (row) => row.p95Ms,
              shown: (row) => duration(row.p95Ms),
            },
            {
              name: "longest",
              label: "Longest",
              numeric: true,
              value: (row) => row.maxMs,
              shown: (row) => duration(row.maxMs),
            },
            { name: "refused", label: "Refused", unit: "count", value: (row) => row.refused },
            { name: "errors", label: "Failed", unit: "count", value: (row) => row.errors },
          ]}
          rows={data.endpoints}
        />
      )}
    </Panel>
  );
}
