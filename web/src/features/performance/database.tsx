import { type Catalogue, titleOf } from "@/shared/catalogue";
import { duration } from "@/shared/duration";
import { useRest } from "@/shared/rest";
import { useSession } from "@/shared/session";
import { Age } from "@/shared/ui/age";
import { Badge } from "@/shared/ui/badge";
import { Facts } from "@/shared/ui/facts";
import { Panel } from "@/shared/ui/panel";
import { bytes, type Database } from "./measures";

/** How busy the database is, and what was slow in it. */
export function DatabasePanel({ catalogue }: { catalogue: Catalogue | undefined }) {
  const { format } = useSession();
  const database = useRest<{ data: Database }>("/api/performance/database");
  return (
    <Panel title="Database" of={database} height={160}>
      {({ data }) => (
        <div className="stack">
          <Facts
            of={[
              {
                name: "Size",
                value: bytes(data.sizeBytes),
                note: `${format.figure(data.deadRows, "count")} dead rows`,
              },
              { name: "Connections", value: data.connections, note: `of ${data.mostConnections}` },
              { name: "Longest wait", value: duration(data.longestWaitSeconds * 1000), note: "for a lock, now" },
              { name: "Oldest transaction", value: duration(data.oldestTransactionSeconds * 1000) },
            ]}
          />
          <h3>Slow queries</h3>
          {data.slowQueries.length === 0 ? (
            <p className="note">None has taken longer than {duration(data.thresholdMs)} since the server began.</p>
          ) : (
            <ul className="slow">
              {data.slowQueries.map((one) => (
                <li key={`${one.at} ${one.name}`}>
                  <details>
                    <summary>
                      <b>{duration(one.milliseconds)}</b> {one.metric ? titleOf(one.metric, catalogue) : one.name},{" "}
                      <Age at={one.at} /> {one.failed && <Badge mood="bad">failed</Badge>}
                    </summary>
                    <pre>
                      <code>{one.statement}</code>
                    </pre>
                  </details>
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
    </Panel>
  );
}
