import { useSession } from "@/shared/session";
import { Badge } from "@/shared/ui/badge";
import { Scrolling } from "@/shared/ui/scrolling";
import type { Preview, Refusal } from "./plan";
import { spoken } from "./plan";
import type { Importing } from "./use-import";

type Props = Importing & { preview: Preview };

/** What would come of the files, and the rows that cannot be taken; then it is imported, or not yet. */
export function Outcome({ preview, busy, store }: Props) {
  const { format } = useSession();
  const { refused, records } = preview;
  return (
    <section className="card panel" aria-label="What comes of it" aria-busy={busy === "looking"}>
      <header>
        <h2>What comes of it</h2>
        {!refused && records.length > 0 && <Badge mood="good">Every row can be taken</Badge>}
        {refused && <Badge mood="bad">Not yet</Badge>}
      </header>
      <div className="content stacked">
        {refused && <Refused of={refused} />}
        {records.map(({ kind, rows, columns, first }, place) => (
          <Records
            // biome-ignore lint/suspicious/noArrayIndexKey: two files may hold the same kind, and tables never move.
            key={`${kind} ${place}`}
            title={`${refused && !rows ? "" : `${format.figure(rows, "count")} `}${spoken(kind).toLowerCase()}`}
            columns={columns}
            rows={first}
          />
        ))}
        {!records.length && !refused && <p className="note">Nothing is chosen yet: say what the rows of a file are.</p>}
        <div className="actions-row">
          <button
            type="button"
            className="button primary"
            disabled={busy !== "" || refused !== null || !records.length}
            onClick={store}
          >
            {busy === "importing" ? "Importing…" : "Import"}
          </button>
          <span className="note">In whole or not at all. The same files again change nothing.</span>
        </div>
      </div>
    </section>
  );
}

function Refused({ of: { message, hint, total, problems } }: { of: Refusal }) {
  const { format } = useSession();
  return (
    <div className="stacked">
      <p role="alert" className="wrong">
        {told(message)} {hint}
      </p>
      {problems.length > 0 && (
        <Scrolling label="Rows that cannot be taken">
          <table>
            <caption>
              {total > problems.length
                ? `The first ${problems.length} of ${format.figure(total, "count")} rows that cannot be taken`
                : "Rows that cannot be taken"}
            </caption>
            <thead>
              <tr>
                <th scope="col">File</th>
                <th scope="col" className="number">
                  Line
                </th>
                <th scope="col">Column</th>
                <th scope="col">What is wrong</th>
              </tr>
            </thead>
            <tbody>
              {problems.map(({ file, line, column, reason }) => (
                <tr key={`${file} ${line} ${column} ${reason}`}>
                  <th scope="row">{file}</th>
                  <td className="number">{line}</td>
                  <td>{column ?? "–"}</td>
                  <td className="wide">{reason}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scrolling>
      )}
    </div>
  );
}

/** Nothing has been refused yet, for nothing has been imported. */
function told(message: string): string {
  return message.replace(
    /^The import was refused: (\d+ rows?) could not be taken, and nothing was stored\.$/,
    "$1 cannot be taken.",
  );
}

export function Records(props: {
  title: string;
  columns: readonly string[];
  rows: readonly string[][];
  as?: "are read" | "are";
}) {
  const { title, columns, rows, as = "are read" } = props;
  return (
    <Scrolling label={title}>
      <table>
        <caption>
          <strong>{title}</strong>
          {rows.length > 0 && `, the first ${rows.length} rows as they ${as}`}
        </caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {as === "are" ? column : spoken(column)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no names of their own and never move.
            <tr key={place}>
              {columns.map((column, at) => (
                <td key={column} className="cut">
                  {row[at]}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolling>
  );
}
