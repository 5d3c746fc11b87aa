import { type ReactNode, useState } from "react";
import { type Act, useAct } from "../act";
import { exportPath, FILES, type FileKind } from "../exported";
import { platformName, type Shop } from "../format";
import type { Freshness } from "../graph";
import { file, Problem } from "../server";
import { useSession } from "../session";
import { type AnyTable, counted, csv, download, json, save } from "../table";
import { Age } from "./age";
import { DataTable } from "./data-table";
import { Icon } from "./icon";
import { Menu, MenuItem, MenuTitle } from "./menu";
import { Failure, Skeleton, State } from "./state";

/** Where the figures of a card stand. */
export interface CardStanding {
  /** Of the figures that are shown; without it they are on their way. */
  fresh?: Freshness | undefined;
  /** The next figures are on their way, these are of another question. */
  pending?: boolean;
  problem?: Problem | undefined;
  again?: () => void;
}

interface Props extends CardStanding {
  title: string;
  /** The figures behind the chart: shown on demand, and downloaded. */
  table?: AnyTable | undefined;
  /** What is downloaded, of a card that is a table itself. */
  download?: AnyTable | undefined;
  /** Its figures are of several questions: no single answer of the server is behind them. */
  composed?: boolean;
  /** Why there is nothing, where the answer is empty. */
  empty?: string;
  height?: number;
  /** There is room for a line only. */
  brief?: boolean;
  controls?: ReactNode;
  /** What has to be known of these figures besides their age. */
  note?: ReactNode;
  className?: string;
  children: ReactNode;
}

/** Figures with their title, their age and everything one can do with them. */
export function Card(props: Props) {
  const { title, fresh, pending = false, problem, table, controls, note, className = "", height = 240 } = props;
  const [asTable, setAsTable] = useState(false);
  const acting = useAct();
  const loaded = fresh !== undefined && !problem;
  const rows = table ?? props.download;
  const filled = loaded && rows?.rows.length !== 0;
  return (
    <section className={`card ${className}`} aria-label={title} aria-busy={pending || (!loaded && !problem)}>
      <header>
        <h2>{title}</h2>
        {filled && controls && <div className="controls">{controls}</div>}
        {filled && table && <TableButton title={title} asTable={asTable} onTable={setAsTable} />}
        {filled && <CardMenu title={title} table={rows} fresh={props.composed ? undefined : fresh} acting={acting} />}
      </header>
      <div className="content">
        {problem ? (
          <Failure problem={problem} brief={props.brief ?? false} {...(props.again && { again: props.again })} />
        ) : !loaded ? (
          <Skeleton height={height} />
        ) : !filled ? (
          <State title={props.empty ?? "Nothing in these days"} />
        ) : asTable && table ? (
          <DataTable {...table} />
        ) : (
          props.children
        )}
      </div>
      {loaded && <Footer fresh={fresh} note={note} wrong={acting.wrong} />}
      {!loaded && !problem && <footer aria-hidden="true">&nbsp;</footer>}
    </section>
  );
}

/** What is written below: why figures are partial, what to be careful about, and how old they are. */
function Footer({ fresh, note, wrong }: { fresh: Freshness; note: ReactNode; wrong: string }) {
  const { format } = useSession();
  return (
    <footer>
      <Age at={fresh.checkedAt} before={fresh.stale ? "Not updated since " : "Updated "} />
      {note && <span>{note}</span>}
      {fresh.warnings
        .filter(({ code }) => code !== "incomplete_period")
        .map(({ code, message }) => (
          <span key={code} className="caution">
            {format.told(message)}
          </span>
        ))}
      {wrong && (
        <span role="alert" className="caution">
          {wrong}
        </span>
      )}
    </footer>
  );
}

function TableButton(props: { title: string; asTable: boolean; onTable: (shown: boolean) => void }) {
  const { title, asTable, onTable } = props;
  return (
    <button
      type="button"
      className="button bare small square"
      aria-pressed={asTable}
      aria-label={`${title} as a table`}
      title={asTable ? "Show the chart" : "Show the table"}
      onClick={() => onTable(!asTable)}
    >
      <Icon name={asTable ? "chart" : "table"} />
    </button>
  );
}

interface MenuProps {
  title: string;
  /** What the card shows. */
  table: AnyTable | undefined;
  /** Of the answer that it shows. */
  fresh: Freshness | undefined;
  acting: Act;
}

function CardMenu({ title, table, fresh, acting: { busy, act } }: MenuProps) {
  const { shop, format } = useSession();
  const name = `${shop.slug} ${title}`.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  const excel = async () => {
    if (!table) return;
    const { workbook } = await import("../workbook");
    save(`${name}.xlsx`, workbook(table, shop.currency, aboutOf(shop, fresh)));
  };
  return (
    <Menu
      button={
        <button type="button" className="button bare small square" aria-label={`More of ${title}`} aria-busy={busy}>
          <Icon name="more" />
        </button>
      }
    >
      {table && (
        <>
          <MenuTitle>Download what is shown, {counted(table.rows.length, table.each, format)}</MenuTitle>
          <MenuItem onSelect={() => void act(excel)}>Excel</MenuItem>
          <MenuItem onSelect={() => download(`${name}.csv`, "text/csv", csv(table))}>CSV</MenuItem>
          <MenuItem onSelect={() => download(`${name}.json`, "application/json", json(table))}>JSON</MenuItem>
        </>
      )}
      {fresh && (
        <>
          <MenuTitle>Download every figure behind it</MenuTitle>
          {(Object.keys(FILES) as FileKind[]).map((kind) => (
            <MenuItem key={kind} onSelect={() => void act(() => fetched(exportPath(fresh, kind), shop.slug))}>
              {FILES[kind]}, all columns
            </MenuItem>
          ))}
        </>
      )}
      <MenuTitle>Share</MenuTitle>
      <MenuItem onSelect={() => void act(copied)}>
        <Icon name="link" /> Copy link
      </MenuItem>
    </Menu>
  );
}

/** What a file says of its figures. */
function aboutOf({ name, currency, timezone }: Shop, fresh: Freshness | undefined): [string, string][] {
  const { platform, params, checkedAt } = fresh ?? {};
  return [
    ["Shop", name],
    ...(platform ? [["Platform", platformName(platform)] as [string, string]] : []),
    ...(params?.from ? [["Days", `${params.from} to ${params.to}`] as [string, string]] : []),
    ["Currency", currency],
    ["Time zone", timezone],
    ...(checkedAt ? [["Known to be current at", checkedAt] as [string, string]] : []),
    ["Link", location.href],
  ];
}

async function fetched(path: string, tenant: string): Promise<void> {
  const { name, content } = await file(path, tenant);
  save(name, content);
}

/** Browsers let a page copy only where it came over TLS, or from the same machine. */
async function copied(): Promise<void> {
  if (!navigator.clipboard) throw new Problem(0, "This browser does not let the page copy.", "", null, COPY_YOURSELF);
  await navigator.clipboard.writeText(location.href);
}

const COPY_YOURSELF = "The address of the page is the link.";
