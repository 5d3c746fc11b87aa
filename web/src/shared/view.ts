/** What is looked at stands in the address, so that a link shows the same: only what differs from the usual is written. */

import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useToday } from "./clock";
import { type Comparison, compared, type Day, isDay, length, PRESETS, type Preset, type Range, rangeOf } from "./days";

export type Search = Record<string, string>;
export type Clock = "event" | "order";

export const USUAL = { range: "28d", compare: "previous", platform: "all", clock: "event" } as const;

export interface View {
  /** `null` for days picked in the calendar. */
  preset: Preset | null;
  range: Range;
  comparison: Comparison;
  before: Range | null;
  platform: string;
  clock: Clock;
  /** The range ends today, which is not over. */
  running: boolean;
  days: number;
}

export function viewOf(search: Search, today: Day): View {
  const named = search.range ?? USUAL.range;
  const known: Preset = Object.hasOwn(PRESETS, named) ? (named as Preset) : USUAL.range;
  const { from, to } = search;
  const picked = from && to && isDay(from) && isDay(to) && from <= to ? { from, to } : null;
  const range = picked ?? rangeOf(known, today);
  const comparison = oneOf(search.compare, ["previous", "year", "none"], USUAL.compare);
  return {
    preset: picked ? null : known,
    range,
    comparison,
    before: compared(range, comparison),
    platform: search.platform ?? USUAL.platform,
    clock: oneOf(search.clock, ["event", "order"], USUAL.clock),
    running: range.to >= today,
    days: length(range),
  };
}

export function oneOf<Value extends string>(given: string | undefined, allowed: readonly Value[], usual: Value): Value {
  return allowed.find((value) => value === given) ?? usual;
}

/** The search with these changes; an empty value, or the usual one, is left out. */
export function changed(search: Search, changes: Record<string, string | null>): Search {
  const usual: Search = USUAL;
  const next = Object.entries({ ...search, ...changes }).filter(([name, value]) => value && value !== usual[name]);
  return Object.fromEntries(next) as Search;
}

const LOOKED_AT = ["tenant", "range", "from", "to", "compare", "platform", "clock"];

/** What goes along to another page; the choices of this one stay behind. */
export function lookedAt(search: Search): Search {
  return Object.fromEntries(Object.entries(search).filter(([name]) => LOOKED_AT.includes(name)));
}

export function parseSearch(text: string): Search {
  return Object.fromEntries(new URLSearchParams(text));
}

export function stringifySearch(search: Record<string, unknown>): string {
  const given = Object.entries(search).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  const text = new URLSearchParams(given).toString();
  return text && `?${text}`;
}

export function useView(zone: string): View {
  const search = useSearch({ strict: false }) as Search;
  const day = useToday(zone);
  return useMemo(() => viewOf(search, day), [search, day]);
}

/** That of the page itself, where it is about one thing of one platform: then there is none to choose. */
export function useOwnPlatform(): string | undefined {
  return (useParams({ strict: false }) as { platform?: string }).platform;
}

/** Changes what is looked at. With `replace` the step back leads past it. */
export function useChange(): (changes: Record<string, string | null>, replace?: boolean) => void {
  const navigate = useNavigate();
  return (changes, replace = false) =>
    void navigate({ to: ".", search: ((old: Search) => changed(old, changes)) as never, replace });
}

/** A choice of one page, kept in the address too. */
export function useChoice<Value extends string>(
  name: string,
  allowed: readonly Value[],
  usual: Value,
): [Value, (value: Value) => void] {
  const search = useSearch({ strict: false }) as Search;
  const change = useChange();
  return [oneOf(search[name], allowed, usual), (value) => change({ [name]: value === usual ? null : value })];
}
