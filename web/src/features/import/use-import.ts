/** Files on their way in: sent, looked at, read in another way, imported. */

import { useCallback, useEffect, useRef, useState } from "react";
import { call, Problem } from "@/shared/server";
import { useSession } from "@/shared/session";
import type { Imported, Plan, Preview, Sent } from "./plan";
import { type Progress, send, worked } from "./sending";

export interface Held {
  key: string;
  file: File;
  /** How much of it is at the server. */
  share: number;
  sent: Sent | null;
  problem: Problem | null;
}

export interface Importing {
  files: readonly Held[];
  preview: Preview | null;
  platform: string;
  /** What is under way. */
  busy: "" | "sending" | "looking" | "importing";
  progress: Progress | null;
  problem: Problem | null;
  imported: Imported | null;
  add: (files: readonly File[], largest: number) => void;
  remove: (key: string) => void;
  read: (plan: Plan | null, platform?: string) => void;
  store: () => void;
}

const asProblem = (error: unknown) => (error instanceof Problem ? error : new Problem(0, String(error)));

export function useImport(): Importing {
  const { shop } = useSession();
  const [files, setFiles] = useState<readonly Held[]>([]);
  const [preview, setPreview] = useState<Preview | null>(null);
  const [platform, setPlatform] = useState("files");
  const [busy, setBusy] = useState<Importing["busy"]>("");
  const [progress, setProgress] = useState<Progress | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [imported, setImported] = useState<Imported | null>(null);
  const under = useRef<AbortController | null>(null);
  const count = useRef(0);
  const held = useRef<readonly Held[]>([]);
  const put = useCallback((next: readonly Held[]) => {
    held.current = next;
    setFiles(next);
  }, []);
  const change = useCallback(
    (key: string, changes: Partial<Held>) =>
      put(held.current.map((one) => (one.key === key ? { ...one, ...changes } : one))),
    [put],
  );
  useEffect(() => () => under.current?.abort(), []);

  /** Does one thing at a time; whatever was looked at before is of no interest any more. */
  const work = useCallback(
    async <Answer>(what: Importing["busy"], path: string, json: unknown): Promise<Answer | null> => {
      under.current?.abort();
      const here = new AbortController();
      under.current = here;
      setBusy(what);
      setProgress(null);
      setProblem(null);
      try {
        return await worked<Answer>(path, json, { tenant: shop.slug, signal: here.signal }, setProgress);
      } catch (error) {
        if (!here.signal.aborted) setProblem(asProblem(error));
        return null;
      } finally {
        if (under.current === here) setBusy("");
      }
    },
    [shop.slug],
  );

  const look = useCallback(
    async (plan: Plan | null, called: string) => {
      const ids = held.current.flatMap(({ sent }) => (sent ? [sent.id] : []));
      if (!ids.length) return setPreview(null);
      const found = await work<Preview>("looking", "/api/imports/preview", { files: ids, platform: called, ...plan });
      if (!found) return;
      setPreview(found);
      // Figures of an export stand under the name of where it is from, unless somebody has said otherwise.
      if (!plan && called === "files" && found.reading.preset && found.reading.preset !== "online-retail")
        setPlatform(found.reading.preset);
    },
    [work],
  );

  const add = useCallback(
    async (chosen: readonly File[], largest: number) => {
      const fresh = chosen.map((file) => ({
        key: String(++count.current),
        file,
        share: 0,
        sent: null,
        problem:
          file.size > largest
            ? new Problem(413, `It has more than the ${largest / 2 ** 20} MB that may be sent.`)
            : null,
      }));
      setImported(null);
      put([...held.current, ...fresh]);
      setBusy("sending");
      for (const { key, file, problem: wrong } of fresh) {
        if (wrong) continue;
        try {
          change(key, { sent: await send(file, shop.slug, (share) => change(key, { share })) });
        } catch (error) {
          change(key, { problem: asProblem(error) });
        }
      }
      setBusy("");
      await look(null, platform);
    },
    [change, look, platform, put, shop.slug],
  );

  const remove = useCallback(
    async (key: string) => {
      const gone = held.current.find((one) => one.key === key);
      put(held.current.filter((one) => one.key !== key));
      setProblem(null);
      if (gone?.sent)
        await call("DELETE", `/api/imports/files/${gone.sent.id}`, { tenant: shop.slug }).catch(() => undefined);
      await look(null, platform);
    },
    [look, platform, put, shop.slug],
  );

  const read = useCallback(
    (plan: Plan | null, called = platform) => {
      setPlatform(called);
      if (plan) setPreview((old) => old && { ...old, reading: { ...old.reading, ...plan } });
      void look(plan, called);
    },
    [look, platform],
  );

  const store = useCallback(async () => {
    if (!preview) return;
    const { preset, tables } = preview.reading;
    const json = { files: preview.files.map(({ id }) => id), platform: platform.trim(), preset, tables };
    const done = await work<Imported>("importing", "/api/imports", json);
    if (!done) return;
    setImported(done);
    setPreview(null);
    put([]);
  }, [platform, preview, put, work]);

  return {
    files,
    preview,
    platform,
    busy,
    progress,
    problem,
    imported,
    add: (chosen, largest) => void add(chosen, largest),
    remove: (key) => void remove(key),
    read,
    store: () => void store(),
  };
}
