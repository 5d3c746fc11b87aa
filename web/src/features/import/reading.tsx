import { useEffect, useState } from "react";
import { platformName } from "@/shared/format";
import { Mapping } from "./mapping";
import { Records } from "./outcome";
import { anotherKind, type Importable, type Plan, type Preview, replaced, spoken } from "./plan";
import type { Importing } from "./use-import";

type Props = Importing & { preview: Preview; able: Importable };
const PAUSE = 400;
const COLUMNS = "";

/** How the files are read: by a preset, or column by column; and under which name their figures stand. */
export function Reading({ preview, able, platform, read, busy }: Props) {
  const { reading, presets, files } = preview;
  const [before, setBefore] = useState<Plan>({ preset: null, tables: [] });
  const plan: Plan = { preset: reading.preset, tables: reading.tables };
  const disabled = busy === "importing";
  const unread = files.filter(({ id }) => !plan.preset && !plan.tables.some(({ file }) => file === id));
  function readAs(preset: string) {
    if (!plan.preset) setBefore(plan);
    if (preset !== COLUMNS) return read({ preset, tables: [] });
    const tables = before.tables.length ? before.tables : files.map(({ id }) => empty(id, able));
    read({ preset: null, tables });
  }
  return (
    <section className="card panel" aria-label="How they are read">
      <header>
        <h2>How they are read</h2>
      </header>
      <div className="content stacked">
        <p>{reading.why}</p>
        <div className="ways">
          <label className="field">
            Read as
            <select value={plan.preset ?? COLUMNS} disabled={disabled} onChange={(event) => readAs(event.target.value)}>
              <option value={COLUMNS}>columns that I choose</option>
              {presets.map(({ name, fits, misses }) => (
                <option key={name} value={name} disabled={!fits && plan.preset !== name}>
                  {fits ? `the export of ${platformName(name)}` : `${platformName(name)} – without ${misses}`}
                </option>
              ))}
            </select>
          </label>
          <Platform platform={platform} disabled={disabled} settle={(name) => read(plan, name)} />
        </div>
        {files.map(({ id, name, columns, rows }) => (
          <details key={id} className="raw">
            <summary>
              {name} as it is: {columns.map((column) => `${column.name} (${column.type})`).join(", ")}
            </summary>
            <Records title={name} columns={columns.map((column) => column.name)} rows={rows} as="are" />
          </details>
        ))}
        {!plan.preset &&
          plan.tables.map((table, place) => {
            const file = files.find(({ id }) => id === table.file);
            return (
              file && (
                <Mapping
                  key={`${table.file} ${table.kind}`}
                  table={table}
                  file={file}
                  kinds={able.kinds}
                  disabled={disabled}
                  change={(next) => read(replaced(plan, place, next))}
                />
              )
            );
          })}
        {!plan.preset && (
          <div className="actions-row">
            {files.map(({ id, name }) => {
              const kind = anotherKind(plan, id, able.kinds);
              const add = () =>
                kind && read({ preset: null, tables: [...plan.tables, { ...empty(id, able), kind: kind.name }] });
              return (
                kind && (
                  <button key={id} type="button" className="button small" disabled={disabled} onClick={add}>
                    {unread.some((one) => one.id === id) ? `Read ${name}` : `${name} also holds…`}
                  </button>
                )
              );
            })}
          </div>
        )}
      </div>
      <footer>
        <span>
          {plan.preset
            ? `${spoken(plan.preset)} exports are read by a mapping that ships with Tallymark.`
            : "A column that is not filled leaves what is stored as it is."}
        </span>
      </footer>
    </section>
  );
}

function empty(file: string, able: Importable): Plan["tables"][number] {
  return { file, kind: able.kinds[0]?.name ?? "", columns: {}, dates: "iso", numbers: "point" };
}

/** Typed without asking the server at every letter. */
function Platform(props: { platform: string; disabled: boolean; settle: (name: string) => void }) {
  const { platform, disabled, settle } = props;
  const [typed, setTyped] = useState(platform);
  useEffect(() => setTyped(platform), [platform]);
  useEffect(() => {
    const name = typed.trim();
    if (!name || name === platform) return;
    const timer = setTimeout(() => settle(name), PAUSE);
    return () => clearTimeout(timer);
  }, [typed, platform, settle]);
  return (
    <label className="field">
      Platform
      <input
        required
        value={typed}
        maxLength={63}
        disabled={disabled}
        onChange={(event) => setTyped(event.target.value)}
      />
      <span className="note">Under this name its figures stand: small letters, such as till.</span>
    </label>
  );
}
