import { useState } from "react";
import {
  type Column,
  chosen,
  columnChoice,
  type Filled,
  filledBy,
  filling,
  type Kind,
  type Looked,
  NOT_FILLED,
  NUMBERED,
  ofKind,
  SAME,
  spoken,
  type TablePlan,
} from "./plan";

interface Props {
  table: TablePlan;
  file: Looked;
  kinds: readonly Kind[];
  disabled: boolean;
  /** `null` takes it away. */
  change: (table: TablePlan | null) => void;
}

const DAYS = { iso: "2024-05-31", "day-first": "31.05.2024", "month-first": "05/31/2024" } as const;
const AMOUNTS = { point: "1,234.50", comma: "1.234,50" } as const;
const AMOUNT_TYPES = ["money", "whole number", "number above 0"];

const TYPES: Record<string, string> = {
  id: "",
  instant: "a day and time",
  day: "a day",
  money: "an amount",
  choice: "",
};

/** Which kind of record a file's rows are, and what each column of ours is filled from. */
export function Mapping({ table, file, kinds, disabled, change }: Props) {
  const kind = kinds.find(({ name }) => name === table.kind);
  if (!kind) return null;
  const types = new Set(kind.columns.filter(({ name }) => table.columns[name]?.column).map(({ type }) => type));
  return (
    <section className="mapping" aria-label={`${spoken(table.kind)} of ${file.name}`}>
      <div className="ways">
        <label className="field">
          Rows of {file.name} are
          <select
            className="input"
            value={table.kind}
            disabled={disabled}
            onChange={(event) => {
              const next = kinds.find(({ name }) => name === event.target.value);
              if (next) change(ofKind(table, next));
            }}
          >
            {kinds.map(({ name }) => (
              <option key={name} value={name}>
                {spoken(name)}
              </option>
            ))}
          </select>
        </label>
        {(types.has("instant") || types.has("day")) && (
          <Written
            label="Days are written as"
            options={DAYS}
            value={table.dates}
            disabled={disabled}
            onChange={(dates) => change({ ...table, dates })}
          />
        )}
        {AMOUNT_TYPES.some((type) => types.has(type)) && (
          <Written
            label="Amounts are written as"
            options={AMOUNTS}
            value={table.numbers}
            disabled={disabled}
            onChange={(numbers) => change({ ...table, numbers })}
          />
        )}
        <button
          type="button"
          className="button small"
          disabled={disabled}
          aria-label={`Leave out ${spoken(table.kind)} of ${file.name}`}
          onClick={() => change(null)}
        >
          Leave out
        </button>
      </div>
      <ul className="fillings">
        {kind.columns.map((column) => (
          <Filling
            key={column.name}
            column={column}
            of={spoken(table.kind)}
            file={file}
            filled={table.columns[column.name]}
            disabled={disabled}
            change={(filled) => change(filling(table, column.name, filled))}
          />
        ))}
      </ul>
    </section>
  );
}

function Written<Value extends string>(props: {
  label: string;
  options: Record<Value, string>;
  value: Value;
  disabled: boolean;
  onChange: (value: Value) => void;
}) {
  const { label, options, value, disabled, onChange } = props;
  return (
    <label className="field">
      {label}
      <select
        className="input"
        value={value}
        disabled={disabled}
        onChange={(event) => onChange(event.target.value as Value)}
      >
        {Object.entries<string>(options).map(([name, example]) => (
          <option key={name} value={name}>
            {example}
          </option>
        ))}
      </select>
    </label>
  );
}

interface FillingProps {
  column: Column;
  of: string;
  file: Looked;
  filled: Filled | undefined;
  disabled: boolean;
  change: (filled: Filled | null) => void;
}

function Filling({ column, of, file, filled, disabled, change }: FillingProps) {
  const { name, required, choices, type, about } = column;
  const samples = file.columns.find((one) => one.name === filled?.column)?.samples ?? [];
  const missing = required && !filled;
  return (
    <li data-missing={missing}>
      <label className="field">
        <span>
          {spoken(name)}
          {required && <span className="note"> needed</span>}
        </span>
        <select
          className="input small"
          aria-label={`${spoken(name)} of ${of}`}
          aria-invalid={missing}
          value={chosen(filled)}
          disabled={disabled}
          onChange={(event) => {
            const next = filledBy(event.target.value);
            change(next?.constant === "" && choices[0] ? { constant: choices[0] } : next);
          }}
        >
          <option value={NOT_FILLED}>not filled</option>
          {file.columns.map((one) => (
            <option key={one.name} value={columnChoice(one.name)}>
              {one.name}
            </option>
          ))}
          <option value={SAME}>the same for all rows</option>
          {name === "line_id" && <option value={NUMBERED}>numbered within its order</option>}
        </select>
      </label>
      {filled?.constant !== undefined && (
        <Same
          label={`${spoken(name)} of all rows`}
          choices={choices}
          value={filled.constant}
          disabled={disabled}
          change={change}
        />
      )}
      <span className="note">{samples.length ? `such as ${samples.join(" · ")}` : about || (TYPES[type] ?? type)}</span>
    </li>
  );
}

/** The same text for every row; sent once it is left, or chosen. */
function Same(props: {
  label: string;
  choices: readonly string[];
  value: string;
  disabled: boolean;
  change: (filled: Filled) => void;
}) {
  const { label, choices, value, disabled, change } = props;
  const [typed, setTyped] = useState(value);
  if (choices.length)
    return (
      <select
        className="input small"
        aria-label={label}
        value={value}
        disabled={disabled}
        onChange={(event) => change({ constant: event.target.value })}
      >
        {choices.map((choice) => (
          <option key={choice}>{choice}</option>
        ))}
      </select>
    );
  return (
    <input
      className="input small"
      aria-label={label}
      value={typed}
      maxLength={500}
      disabled={disabled}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={() => typed !== value && change({ constant: typed })}
    />
  );
}
