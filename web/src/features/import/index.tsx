import { useRest } from "@/shared/rest";
import { Panel } from "@/shared/ui/panel";
import { Done } from "./done";
import { Files } from "./files";
import { Outcome } from "./outcome";
import type { Importable } from "./plan";
import { Reading } from "./reading";
import { useImport } from "./use-import";
import "./import.css";

/** Files become records of the shop: sent, looked through before anything is stored, and imported in whole or not at all. */
export default function Import() {
  const known = useRest<{ data: Importable }>("/api/imports");
  const importing = useImport();
  const { preview, imported } = importing;
  return (
    <div className="panels importing">
      <Panel title="Files" of={known} height={180}>
        {({ data }) => <Files {...importing} able={data} />}
      </Panel>
      {known.data && preview && (
        <>
          <Reading {...importing} preview={preview} able={known.data.data} />
          <Outcome {...importing} preview={preview} />
        </>
      )}
      {imported && <Done imported={imported} />}
    </div>
  );
}
