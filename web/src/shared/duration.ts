/** How long something took, and how long it is until something comes. Pure. */

/** `38 ms`, `6.1 s`, `4 min 10 s`, `2 h 5 min`; unknown is an en dash. */
export function duration(ms: number | null | undefined): string {
  if (ms == null) return "–";
  if (ms < 1) return "< 1 ms";
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return pair(Math.floor(whole / 60), "min", whole % 60, "s");
  const minutes = Math.round(whole / 60);
  return pair(Math.floor(minutes / 60), "h", minutes % 60, "min");
}

function pair(large: number, unit: string, small: number, smaller: string): string {
  return small ? `${large} ${unit} ${small} ${smaller}` : `${large} ${unit}`;
}

/** `in 5 minutes`; what has passed already is `now`. */
export function ahead(iso: string, now: number, language = navigator.language): string {
  const seconds = (Date.parse(iso) - now) / 1000;
  if (seconds < 0.5) return "now";
  const told = new Intl.RelativeTimeFormat(language);
  if (seconds < 90) return told.format(Math.round(seconds), "second");
  if (seconds < 5400) return told.format(Math.round(seconds / 60), "minute");
  if (seconds < 129_600) return told.format(Math.round(seconds / 3600), "hour");
  return told.format(Math.round(seconds / 86_400), "day");
}
