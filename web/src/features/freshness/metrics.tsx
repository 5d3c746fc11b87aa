import { useState } from "react";
import { type Catalogue, titleOf } from "@/shared/catalogue";
import { duration } from "@/shared/duration";
import type { Rest } from "@/shared/rest";
import { Age } from "@/shared/ui/age";
import { Ahead } from "@/shared/ui/ahead";
import { Badge } from "@/shared/ui/badge";
import { Panel } from "@/shared/ui/panel";
import { Scrolling } from "@/shared/ui/scrolling";
import { type Due, type MetricState, nextDue, runOf, type Status, triggerName, why } from "./standing";

interface Props {
  of: Rest<{ data: Status }>;
  due: Due | undefined;
  catalogue: Catalogue | undefined;
}

const SORTS: Record<string, (a: MetricState, b: MetricState) => number> = {
  name: (a, b) => a.metric.localeCompare(b.metric),
  age: (a, b) => a.computedAt.localeCompare(b.computedAt),
  time: (a, b) => b.computationMs - a.computationMs,
};

/** Each stored metric: its age, what it cost, and why. */
export function Metrics({ of, due, catalogue }: Props) {
  const [sort, setSort] = useState("name");
  return (
    <Panel
      title="Metrics"
      of={of}
      height={420}
      className="metrics"
      empty={({ data }) => (data.metrics.length ? null : "No metric has been computed yet")}
      controls={
        <label className="note">
          Sort by{" "}
          <select className="input small" value={sort} onChange={(event) => setSort(event.target.value)}>
            <option value="name">name</option>
            <option value="age">oldest first</option>
            <option value="time">slowest first</option>
          </select>
        </label>
      }
    >
      {({ data }) => (
        <Scrolling className="stacks" label="How each metric stands">
          <table>
            <thead>
              <tr>
                {["Metric", "Computed", "Data through", "By", "Took"].map((name) => (
                  <th key={name} scope="col" className={name === "Took" ? "number" : undefined}>
                    {name}
                  </th>
                ))}
                <th scope="col">Why</th>
                <th scope="col">Next due</th>
              </tr>
            </thead>
            <tbody>
              {[...data.metrics].sort(SORTS[sort]).map((state) => (
                <Line
                  key={state.metric}
                  state={state}
                  status={data}
                  due={due}
                  title={titleOf(state.metric, catalogue)}
                />
              ))}
            </tbody>
          </table>
        </Scrolling>
      )}
    </Panel>
  );
}

function Line(props: { state: MetricState; status: Status; due: Due | undefined; title: string }) {
  const { state, status, due, title } = props;
  const run = runOf(state.version, status.runs);
  const next = due && nextDue(state.metric, due);
  return (
    <tr>
      <th scope="row">
        {title} {state.failure && <Badge mood="bad">Failed</Badge>}
        <span className="note">Version {state.version}</span>
      </th>
      <td data-label="Computed">
        <Age at={state.computedAt} />
      </td>
      <td data-label="Data through">{state.dataThrough ? <Age at={state.dataThrough} /> : "–"}</td>
      <td data-label="By">{run ? triggerName(run.triggeredBy) : "–"}</td>
      <td className="number" data-label="Took">
        {duration(state.computationMs)}
      </td>
      <td className="wide why" data-label="Why">
        {why(state, status)}
      </td>
      <td data-label="Next due">{next ? <Ahead at={next} /> : "–"}</td>
    </tr>
  );
}
