import type { ReactNode } from "react";
import "./panel.css";

export type Mood = "good" | "bad" | "warn" | "busy" | "none";
const SIGNS: Record<Mood, string> = { good: "✓", bad: "✕", warn: "!", busy: "", none: "" };

/** How something stands, in a word; a sign says the same as the colour. */
export function Badge({ mood = "none", children }: { mood?: Mood; children: ReactNode }) {
  return (
    <span className="badge" data-mood={mood}>
      {SIGNS[mood] && <span aria-hidden="true">{SIGNS[mood]}</span>}
      {mood === "busy" && <i className="pulse-dot" aria-hidden="true" />}
      {children}
    </span>
  );
}
