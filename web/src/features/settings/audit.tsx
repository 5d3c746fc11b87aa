import { useEffect, useState } from "react";
import { useAct } from "@/shared/act";
import { useRest } from "@/shared/rest";
import { call } from "@/shared/server";
import { useSession } from "@/shared/session";
import { Panel } from "@/shared/ui/panel";
import { Scrolling } from "@/shared/ui/scrolling";
import { detailsOf, type Entry, told } from "./entry";

interface Log {
  entries: Entry[];
  next: string | null;
}

const PAGE = 50;

/** What was done, by whom and from where; entries are only ever added. */
export function Audit() {
  const { shop, format } = useSession();
  const [action, setAction] = useState("");
  const query = `?limit=${PAGE}${action && `&action=${encodeURIComponent(action)}`}`;
  const first = useRest<Log>(`/api/audit${query}`);
  const [more, setMore] = useState<Log | null>(null);
  const [known, setKnown] = useState<string[]>([]);
  const { busy, wrong, act } = useAct();
  useEffect(() => {
    setMore(null);
    const seen = first.data?.entries.map((entry) => entry.action) ?? [];
    setKnown((old) => [...new Set([...old, ...seen])].sort());
  }, [first.data]);
  const next = more ? more.next : first.data?.next;
  const further = () =>
    void act(async () => {
      const path = `/api/audit${query}&before=${encodeURIComponent(next ?? "")}`;
      const found = await call<Log>("GET", path, { tenant: shop.slug });
      setMore((old) => ({ next: found.next, entries: [...(old?.entries ?? []), ...found.entries] }));
    });
  return (
    <Panel
      title="Audit log"
      of={first}
      height={240}
      className="audit"
      empty={(data) => (data.entries.length ? null : "Nothing has been done yet")}
      note="Entries can only be added, by nobody changed or removed before their time"
      controls={
        <label className="note">
          Only{" "}
          <select className="input small" value={action} onChange={(event) => setAction(event.target.value)}>
            <option value="">everything</option>
            {known.map((one) => (
              <option key={one} value={one}>
                {told(one)}
              </option>
            ))}
          </select>
        </label>
      }
    >
      {(data) => (
        <>
          <Scrolling className="stacks" label="What was done, the newest first">
            <table>
              <thead>
                <tr>
                  {["When", "Who", "What", "Subject", "Address", "Details"].map((name) => (
                    <th key={name} scope="col">
                      {name}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {[...data.entries, ...(more?.entries ?? [])].map((entry) => (
                  <tr key={entry.id}>
                    <th scope="row">{format.instant(entry.at)}</th>
                    <td className="wide" data-label="Who">
                      {entry.actor}
                    </td>
                    <td data-label="What">{told(entry.action)}</td>
                    <td className="wide" data-label="Subject">
                      {format.told(entry.subject)}
                    </td>
                    <td data-label="Address">{entry.address || "–"}</td>
                    <td className="wide" data-label="Details">
                      {detailsOf(entry)}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scrolling>
          {wrong && (
            <p role="alert" className="wrong">
              {wrong}
            </p>
          )}
          {next && (
            <p className="further">
              <button type="button" className="button small" disabled={busy} onClick={further}>
                Further back
              </button>
            </p>
          )}
        </>
      )}
    </Panel>
  );
}
