import { useSession } from "../session";
import { Scrolling } from "../ui/scrolling";

export interface CohortProps {
  title: string;
  /** What each row is, how many are in it, and their shares, null from the month on that is not over. */
  cohorts: readonly { name: string; size: number; shares: readonly (number | null)[] }[];
  /** The name of the first column. */
  rowName: string;
}

/** Of those who began in one month, how many were there in each month since, in percent. A table that is its own chart. */
export default function CohortGrid({ title, cohorts, rowName }: CohortProps) {
  const { format } = useSession();
  const months = Math.max(...cohorts.map(({ shares }) => shares.length), 0);
  // In its first month everybody is there: the colours tell the later ones apart.
  const most = Math.max(...cohorts.flatMap(({ shares }) => shares.slice(1).map((share) => share ?? 0)), 1);
  return (
    <Scrolling className="cohorts" label={title}>
      <table>
        <caption className="unseen">{title}</caption>
        <thead>
          <tr>
            <th scope="col">{rowName}</th>
            <th scope="col" className="number">
              Customers
            </th>
            {Array.from({ length: months }, (_, month) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the place is the month.
              <th key={month} scope="col" className="number">
                {month}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {cohorts.map(({ name, size, shares }) => (
            <tr key={name}>
              <th scope="row">{format.period(name, "short")}</th>
              <td className="number">{format.figure(size, "count")}</td>
              {shares.map((share, month) => (
                <td
                  // biome-ignore lint/suspicious/noArrayIndexKey: the place is the month.
                  key={month}
                  className="number cell"
                  style={{ "--much": month ? (share ?? 0) / most : 0 } as React.CSSProperties}
                >
                  {share !== null ? format.figure(share, "percent") : month === shares.indexOf(null) && <Open />}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolling>
  );
}

function Open() {
  return (
    <>
      <span aria-hidden="true">…</span>
      <span className="unseen">not over yet</span>
    </>
  );
}
