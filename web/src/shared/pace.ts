/** The server lets so many requests through in a minute: what is too much waits for as long as it says, and goes on. */

import { useClock } from "./clock";

let until = 0;

/** Waits so many seconds. Rejects as soon as nobody waits any more. */
export function pause(seconds: number, signal: AbortSignal | null | undefined): Promise<void> {
  until = Math.max(until, Date.now() + seconds * 1000);
  return new Promise((go, stop) => {
    const timer = setTimeout(go, seconds * 1000);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      stop(signal.reason);
    });
  });
}

/** Whether something waits for the server to let it through. */
export function usePaused(): boolean {
  return useClock((now) => now < until);
}
