import type { CSSProperties } from "react";
import { Sparkline } from "../charts/sparkline";
import type { Unit } from "../format";
import { useSession } from "../session";
import { Card, type CardStanding } from "./card";
import { Delta } from "./delta";

interface Props extends CardStanding {
  title: string;
  value: number | null | undefined;
  unit: Unit;
  /** How it has moved; leave it out where nothing is compared. */
  growth?: number | null;
  against?: string;
  lessIsBetter?: boolean;
  /** What has to be known beside it. */
  note?: string;
  trend?: (number | null)[] | undefined;
  /** The last of the trend is not over. */
  running?: boolean;
}

/** One figure: what it is, how it has moved, and the way there. */
export function Kpi(props: Props) {
  const {
    title,
    value,
    unit,
    growth,
    against,
    lessIsBetter = false,
    note,
    trend,
    running = false,
    ...standing
  } = props;
  const { format } = useSession();
  const told = format.figure(value, unit);
  return (
    <Card title={title} className="kpi" brief height={trend ? 98 : 58} {...standing}>
      <p
        className={Number(value) < 0 ? "figure negative" : "figure"}
        style={{ "--letters": told.length } as CSSProperties}
      >
        {told}
      </p>
      <p className="against">
        {growth !== undefined && <Delta ratio={growth} lessIsBetter={lessIsBetter} />}
        {growth != null && against && <span className="note">{against}</span>}
        {note && <span className="note">{note}</span>}
      </p>
      {trend && <Sparkline values={trend} running={running} />}
    </Card>
  );
}
