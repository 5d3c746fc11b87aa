/** Something that a person has asked for: under way, done, or refused with a reason that they are told. */

import { useCallback, useState } from "react";
import { Problem } from "./server";

export interface Act {
  busy: boolean;
  /** Why the last one could not be done. */
  wrong: string;
  act: (what: () => Promise<unknown>) => Promise<void>;
}

export function useAct(): Act {
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  const act = useCallback(async (what: () => Promise<unknown>) => {
    setBusy(true);
    setWrong("");
    try {
      await what();
    } catch (error) {
      setWrong(reason(error));
    } finally {
      setBusy(false);
    }
  }, []);
  return { busy, wrong, act };
}

export function reason(error: unknown): string {
  if (!(error instanceof Problem)) return String(error);
  return error.hint ? `${error.message} ${error.hint}` : error.message;
}
