import { type Format, UNKNOWN } from "../format";
import { useSession } from "../session";
import type { Column, Table } from "../table";
import { Scrolling } from "./scrolling";

/** A plain table of figures; the first column names the row. */
export function DataTable<Row>({ caption, columns, rows }: Omit<Table<Row>, "each">) {
  const { format } = useSession();
  const text = (column: Column<Row>, row: Row) => column.drawn?.(row) ?? told(column, row, format);
  return (
    <Scrolling label={caption}>
      <table>
        <caption>
          <span>{caption}</span>
        </caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} scope="col" className={column.unit || column.numeric ? "number" : undefined}>
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no names of their own and never move.
            <tr key={place}>
              {columns.map((column, index) =>
                index === 0 ? (
                  <th key={column.name} scope="row" className="wide">
                    {text(column, row)}
                  </th>
                ) : (
                  <td key={column.name} className={kind(column, row)}>
                    {text(column, row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolling>
  );
}

/** A figure as it is written. */
export function told<Row>(column: Column<Row>, row: Row, format: Format): string {
  const value = column.value(row);
  if (column.unit) return format.figure(value as number | null, column.unit);
  return column.shown?.(row) ?? (value == null ? UNKNOWN : String(value));
}

export function kind<Row>(column: Column<Row>, row: Row): string | undefined {
  if (!column.unit) return column.numeric ? "number" : undefined;
  return Number(column.value(row)) < 0 ? "number negative" : "number";
}
