import { useSearch } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useDeferredValue, useMemo, useRef, useState } from "react";
import { found, type Order, orderOf, sorted, turned, written } from "../big-table";
import { useSession } from "../session";
import { type Column, counted, type Table } from "../table";
import { type Search, useChange } from "../view";
import { kind, told } from "./data-table";
import { Icon } from "./icon";
import { Menu, MenuChecks, MenuTitle } from "./menu";
import { Scrolling } from "./scrolling";
import { State } from "./state";

interface Props<Row> extends Table<Row> {
  /** What tells its choices apart from those of other tables in the address; the only table of a page needs none. */
  name?: string;
  keyOf: (row: Row) => string;
  /** What the search looks through; without it there is no search. */
  textOf?: (row: Row) => string;
  searchLabel?: string;
  /** As in the address: `-netSales`. */
  usualOrder: string;
  /** Columns to begin with; all of them where it is left out, and then none are chosen. */
  usualColumns?: readonly string[];
  height?: number;
}

const ROW = 41;
const FEW = 40;

/** A table of up to many thousands of rows: sorted, searched, with the columns one wants; only what is seen is drawn. */
export function BigTable<Row>(props: Props<Row>) {
  const { caption, each, columns, rows, name = "", keyOf, textOf, usualOrder, usualColumns, height = 560 } = props;
  const { format } = useSession();
  const search = useSearch({ strict: false }) as Search;
  const change = useChange();
  const [sought, setSought] = useState(search[`${name}q`] ?? "");
  const asked = search[`${name}sort`] ?? usualOrder;
  const order = orderOf(asked);
  const chosen = usualColumns && (search[`${name}columns`]?.split(".") ?? usualColumns);
  const seen = chosen ? columns.filter(({ name }, place) => place === 0 || chosen.includes(name)) : columns;
  const deferred = useDeferredValue(sought);
  const listed = useMemo(
    () => sorted(textOf ? found(rows, textOf, deferred) : rows, columns, orderOf(asked)),
    [rows, columns, textOf, deferred, asked],
  );
  const seek = (text: string) => {
    setSought(text);
    change({ [`${name}q`]: text || null }, true);
  };
  const choose = (names: string[]) => {
    const ordered = columns.map(({ name }) => name).filter((one) => names.includes(one));
    change({ [`${name}columns`]: ordered.join(".") === usualColumns?.join(".") ? null : ordered.join(".") }, true);
  };
  const sort = (column: Column<Row>) => {
    const next = written(turned(order, column as Column<never>));
    change({ [`${name}sort`]: next === usualOrder ? null : next }, true);
  };
  return (
    <div className="big">
      {(textOf || chosen) && (
        <div className="tools">
          {textOf && (
            <label className="seek">
              <Icon name="search" />
              <span className="unseen">{props.searchLabel ?? "Search"}</span>
              <input
                type="search"
                className="input"
                placeholder={props.searchLabel ?? "Search"}
                value={sought}
                onChange={(event) => seek(event.target.value)}
              />
            </label>
          )}
          <output className="note">
            {listed.length < rows.length && `${format.figure(listed.length, "count")} of `}
            {counted(rows.length, each, format)}
          </output>
          {chosen && (
            <Menu
              button={
                <button type="button" className="button small">
                  <Icon name="columns" /> Columns
                </button>
              }
            >
              <MenuTitle>Columns</MenuTitle>
              <MenuChecks
                options={columns.slice(1).map(({ name, label }) => ({ value: name, label }))}
                chosen={seen.map(({ name }) => name)}
                onChange={choose}
              />
            </Menu>
          )}
        </div>
      )}
      {listed.length === 0 ? (
        <State title={deferred ? "Nothing is found" : "There are none"}>
          {deferred && (
            <p>
              No {each[0]} holds “{deferred}”.
            </p>
          )}
        </State>
      ) : (
        <Rows {...{ caption, columns: seen, rows: listed, keyOf, order, sort, height }} />
      )}
    </div>
  );
}

interface RowsProps<Row> extends Omit<Table<Row>, "each"> {
  keyOf: (row: Row) => string;
  order: Order;
  sort: (column: Column<Row>) => void;
  height: number;
}

function Rows<Row>({ caption, columns, rows, keyOf, order, sort, height }: RowsProps<Row>) {
  const { format } = useSession();
  const frame = useRef<HTMLElement>(null);
  const all = rows.length <= FEW;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW,
    overscan: 12,
    enabled: !all,
  });
  const drawn = virtual.getVirtualItems();
  const first = all ? 0 : (drawn[0]?.index ?? 0);
  const last = all ? rows.length - 1 : (drawn.at(-1)?.index ?? Math.min(rows.length, FEW) - 1);
  return (
    <Scrolling frame={frame} className="big-rows" label={`Rows of ${caption}`} style={{ maxHeight: height }}>
      <table aria-rowcount={rows.length + 1}>
        <caption className="unseen">{caption}</caption>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((column) => (
              <th
                key={column.name}
                scope="col"
                className={column.unit ? "number" : undefined}
                aria-sort={order.column !== column.name ? "none" : order.falling ? "descending" : "ascending"}
              >
                <button type="button" className="sort" onClick={() => sort(column)}>
                  {column.label}
                  {order.column === column.name && <Icon name={order.falling ? "down" : "up"} />}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Space rows={first} columns={columns.length} />
          {rows.slice(first, last + 1).map((row, place) => (
            <tr key={keyOf(row)} aria-rowindex={first + place + 2}>
              {columns.map((column, index) => {
                const content = column.drawn?.(row) ?? told(column, row, format);
                return index === 0 ? (
                  <th key={column.name} scope="row">
                    {content}
                  </th>
                ) : (
                  <td key={column.name} className={kind(column, row)}>
                    {content}
                  </td>
                );
              })}
            </tr>
          ))}
          <Space rows={rows.length - 1 - last} columns={columns.length} />
        </tbody>
      </table>
    </Scrolling>
  );
}

/** Where rows are that nobody sees. */
function Space({ rows, columns }: { rows: number; columns: number }) {
  if (rows <= 0) return null;
  return (
    <tr className="space">
      <td colSpan={columns} style={{ height: rows * ROW }} />
    </tr>
  );
}
