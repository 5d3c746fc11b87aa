/** One clock for the page: whatever grows old by itself listens to it. */

import { useEffect, useSyncExternalStore } from "react";
import { type Day, thisHour, today } from "./days";

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    for (const tell of listeners) tell();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** What `read` makes of the time; the component draws again only when that changes. */
export function useClock<Value extends string | number | boolean>(read: (now: number) => Value): Value {
  return useSyncExternalStore(subscribe, () => read(Date.now()));
}

export function useToday(zone: string): Day {
  return useClock((now) => today(new Date(now), zone));
}

/** Calls `again` every so many seconds while somebody looks. */
export function useEvery(seconds: number, again: () => void): void {
  useEffect(() => {
    const timer = setInterval(() => document.hidden || again(), seconds * 1000);
    return () => clearInterval(timer);
  }, [seconds, again]);
}

/** The hour by the shop's clock, as the API labels it. */
export function useHour(zone: string): string {
  return useClock((now) => thisHour(new Date(now), zone));
}
