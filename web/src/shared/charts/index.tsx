/** Charts, loaded when the first of them is drawn; a space of the same height stands there until then. */

import { type ComponentType, lazy, Suspense } from "react";
import { Skeleton } from "../ui/state";
import type { BarProps } from "./bar-chart";
import type { CohortProps } from "./cohort-grid";
import type { DonutProps } from "./donut";
import type { HeatProps } from "./heat-map";
import type { LineProps } from "./line-chart";
import type { ParetoProps } from "./pareto";
import "./charts.css";

function later<Props extends object>(load: () => Promise<{ default: ComponentType<Props> }>, height: number) {
  const Chart = lazy(load) as unknown as ComponentType<Props>;
  return (props: Props & { height?: number }) => (
    <Suspense fallback={<Skeleton height={props.height ?? height} />}>
      <Chart {...props} />
    </Suspense>
  );
}

export const LineChart = later<LineProps>(() => import("./line-chart"), 240);
export const BarChart = later<BarProps>(() => import("./bar-chart"), 284);
export const Donut = later<DonutProps>(() => import("./donut"), 240);
export const HeatMap = later<HeatProps>(() => import("./heat-map"), 260);
export const CohortGrid = later<CohortProps>(() => import("./cohort-grid"), 320);
export const Pareto = later<ParetoProps>(() => import("./pareto"), 240);
export { Sparkline } from "./sparkline";
