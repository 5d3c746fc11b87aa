/** The answer behind a card as a file of the server: every column, every digit. Pure. */

import type { Freshness } from "./graph";

export const FILES = { xlsx: "Excel", csv: "CSV", json: "JSON" } as const;
export type FileKind = keyof typeof FILES;

/** What the server has worked out from the question, and takes from nobody. */
const WORKED_OUT = new Set(["beforeFrom", "beforeTo", "asOfDay", "asOfHour"]);

/** Where the answer to the same question is, as a file of this kind. */
export function exportPath({ metric, platform, params }: Freshness, kind: FileKind): string {
  const asked = new URLSearchParams({ platform });
  for (const [name, value] of Object.entries(params)) {
    const days = name === "from" || name === "to";
    if (value === null || WORKED_OUT.has(name) || (days && params.period)) continue;
    asked.set(name, String(value));
  }
  return `/api/exports/${metric}.${kind}?${asked}`;
}
