import { type DragEvent, useState } from "react";
import { useSession } from "@/shared/session";
import { Icon } from "@/shared/ui/icon";
import { bytes, type Importable } from "./plan";
import type { Held, Importing } from "./use-import";

type Props = Importing & { able: Importable };

/** Where files are dropped or chosen, those that are there, and how far the work on them is. */
export function Files({ able, files, add, remove, busy, progress, problem }: Props) {
  const { format } = useSession();
  const [over, setOver] = useState(false);
  const storing = busy === "importing";
  function drop(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    if (!storing) add([...event.dataTransfer.files], able.largestBytes);
  }
  const rows = progress?.rows ? `: ${format.figure(progress.rows, "count")} rows` : "";
  const working = { "": "", sending: "Sending", looking: "Looking through every row", importing: "Importing" }[busy];
  return (
    <div className="stacked">
      <section
        className="drop"
        aria-label="Drop files here"
        data-over={over}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <Icon name="bring" />
        <p>
          <strong>Drop files here</strong>, such as orders and their lines, or an export of another shop.
        </p>
        <label className="button">
          Choose files
          <input
            type="file"
            multiple
            className="unseen"
            accept={[...able.endings, ".gz"].join(",")}
            disabled={storing}
            onChange={(event) => {
              add([...(event.target.files ?? [])], able.largestBytes);
              event.target.value = "";
            }}
          />
        </label>
        <p className="note">
          CSV, JSON, Parquet or Excel, up to {bytes(able.largestBytes)}. Nothing is stored before you say so.
        </p>
      </section>
      {files.length > 0 && (
        <ul className="held">
          {files.map((one) => (
            <Line key={one.key} one={one} disabled={storing} remove={() => remove(one.key)} />
          ))}
        </ul>
      )}
      <p role="status" className="working note">
        {busy && (progress ? `${progress.what}${rows}` : `${working}…`)}
      </p>
      {problem && (
        <p role="alert" className="wrong">
          {problem.message} {problem.hint}
        </p>
      )}
    </div>
  );
}

function Line({ one, disabled, remove }: { one: Held; disabled: boolean; remove: () => void }) {
  const { file, sent, share, problem } = one;
  return (
    <li>
      <Icon name="file" />
      <span className="name">{file.name}</span>
      <span className="note">{bytes(file.size)}</span>
      {!sent && !problem && <progress aria-label={`${file.name} is being sent`} value={share} max={1} />}
      <button
        type="button"
        className="button bare small"
        aria-label={`Take back ${file.name}`}
        disabled={disabled}
        onClick={remove}
      >
        Take back
      </button>
      {problem && (
        <p role="alert" className="wrong">
          {problem.message} {problem.hint}
        </p>
      )}
    </li>
  );
}
