/** Where things stand on a chart. Pure. */

import { scaleLinear } from "d3-scale";

export interface Box {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export interface Scales {
  box: Box;
  /** The middle of a place. */
  x: (place: number) => number;
  y: (value: number) => number;
  /** How wide a place is. */
  step: number;
  ticks: number[];
}

/** How wide a label may be: that of a day is the longest. */
const ROOM = { month: 42, count: 48, other: 72 };

/** From 0, which a bar must stand on, to a round figure above the largest. */
export function scales(width: number, height: number, count: number, values: (number | null)[]): Scales {
  const known = values.filter((value) => value !== null);
  const low = Math.min(0, ...known);
  const high = Math.max(0, ...known);
  const box = { width, height, left: 54, right: 8, top: 10, bottom: 26 };
  // Where there is nothing but 0, no other figure has a place on the axis.
  const nothing = high === low;
  const y = scaleLinear([low, nothing ? 1 : high], [height - box.bottom, box.top]).nice(4);
  const step = Math.max(0, width - box.left - box.right) / Math.max(1, count);
  return { box, y, step, x: (place) => box.left + (place + 0.5) * step, ticks: nothing ? [0] : y.ticks(4) };
}

/** The place below a point; the nearest one beside the chart. */
export function placeAt(x: number, { box, step }: Scales, count: number): number {
  return Math.min(count - 1, Math.max(0, Math.floor((x - box.left) / step)));
}

/** Which periods are labelled, so that labels never touch. */
export function labelled(periods: readonly string[], step: number): number[] {
  const room = periods[0]?.length === "YYYY-MM".length ? ROOM.month : ROOM.other;
  const every = Math.max(1, Math.ceil(room / Math.max(step, 1)));
  return Array.from({ length: Math.ceil(periods.length / every) }, (_, index) => index * every);
}

/** Of places that are counted, which are labelled: the first, and those at round numbers, such as 100 and 200. */
export function counted(count: number, step: number): number[] {
  const least = ROOM.count / Math.max(step, 1e-6);
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1)));
  const every = [1, 2, 5, 10].map((times) => times * power).find((size) => size >= least) ?? 10 * power;
  const round = Array.from({ length: Math.floor(count / every) }, (_, index) => (index + 1) * every - 1);
  return count > 0 && every > 1 ? [0, ...round] : round;
}

/** Whether a month is told with its year: the first of another year, or the first of all where they are of one. */
export function namesYear(months: readonly string[], place: number): boolean {
  const years = months.map((month) => month.slice(0, 4));
  return place === 0 ? new Set(years).size === 1 : years[place] !== years[place - 1];
}
