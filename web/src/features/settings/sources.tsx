import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useAct } from "@/shared/act";
import { platformName } from "@/shared/format";
import { useRest } from "@/shared/rest";
import { call } from "@/shared/server";
import { useSession } from "@/shared/session";
import { Age } from "@/shared/ui/age";
import { Badge } from "@/shared/ui/badge";
import { Icon } from "@/shared/ui/icon";
import { Panel } from "@/shared/ui/panel";
import { Secret } from "@/shared/ui/secret";
import { State } from "@/shared/ui/state";
import { Window } from "@/shared/ui/window";

interface Source {
  id: number;
  platform: string;
  kind: string;
  name: string;
  settings: Record<string, unknown>;
  status: "connected" | "failing";
  createdBy: string;
  createdAt: string;
  lastSyncAt: string | null;
  lastGoodAt: string | null;
  lastError: string | null;
}

type Open = { is: "connect" } | { is: "forget"; one: Source } | { is: "secret"; name: string; secret: string };

const KINDS: Record<string, string> = { folder: "A folder of files", events: "Sends changes by itself" };
const PRESETS = ["shopify", "amazon", "woocommerce", "online-retail"];

/** Where the records come from, and how the last fetching went. */
export function Sources() {
  const { shop } = useSession();
  const sources = useRest<{ data: Source[] }>("/api/connections");
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  return (
    <>
      <Panel
        title="Connections"
        of={sources}
        height={96}
        empty={({ data }) =>
          data.length ? null : (
            <State title="Nothing is connected yet">
              <p>
                Records come in from a folder that is looked through, or from a shop that sends changes; files of your
                own, by the page <Link to="/import">Import</Link>.
              </p>
            </State>
          )
        }
        controls={
          <button type="button" className="button small" onClick={() => setOpen({ is: "connect" })}>
            <Icon name="add" /> Connect
          </button>
        }
      >
        {({ data }) => (
          <ul className="sources">
            {data.map((one) => (
              <Line key={one.id} one={one} forget={() => setOpen({ is: "forget", one })} />
            ))}
          </ul>
        )}
      </Panel>
      {open?.is === "connect" && (
        <Connect
          onClose={close}
          done={(name, secret) => {
            sources.again();
            setOpen(secret ? { is: "secret", name, secret } : null);
          }}
        />
      )}
      {open?.is === "secret" && (
        <Secret
          title={open.name}
          about="The source signs what it sends with this."
          secret={open.secret}
          onClose={close}
        />
      )}
      {open?.is === "forget" && (
        <Window
          title={`Forget ${open.one.name}?`}
          action="Forget it"
          danger
          onClose={close}
          act={async () => {
            await call("DELETE", `/api/connections/${open.one.id}`, { tenant: shop.slug });
            sources.again();
            close();
          }}
        >
          <p>Nothing more is fetched from it. The records that have come from it stay.</p>
        </Window>
      )}
    </>
  );
}

function Line({ one, forget }: { one: Source; forget: () => void }) {
  const { shop } = useSession();
  const { busy, wrong, act } = useAct();
  const [found, setFound] = useState("");
  const test = () =>
    void act(async () => {
      setFound("");
      const path = `/api/connections/${one.id}/test`;
      setFound((await call<{ data: { found: string } }>("POST", path, { tenant: shop.slug })).data.found);
    });
  return (
    <li>
      <div className="what">
        <h3>
          {platformName(one.platform)}
          {one.name !== one.kind && ` · ${one.name}`}
        </h3>
        <p className="note">
          {KINDS[one.kind] ?? one.kind}
          {typeof one.settings.path === "string" && (
            <>
              {" "}
              at <code>{one.settings.path}</code>
            </>
          )}
          {typeof one.settings.preset === "string" && `, exports of ${platformName(one.settings.preset)}`}
        </p>
        <p className="note">
          {one.lastSyncAt ? <Age at={one.lastSyncAt} before="Last fetched " /> : "Nothing fetched yet"}
          {one.lastError && one.lastGoodAt && <Age at={one.lastGoodAt} before=", last without trouble " />}
        </p>
        {one.lastError && <p className="wrong">{one.lastError}</p>}
        <p role="status" className={wrong ? "wrong" : "note"} hidden={!wrong && !found}>
          {wrong || `It can be read: ${found}`}
        </p>
      </div>
      <Badge mood={one.status === "connected" ? "good" : "bad"}>
        {one.status === "connected" ? "Connected" : "Failing"}
      </Badge>
      <div className="actions-row">
        <button
          type="button"
          className="button small"
          disabled={busy}
          aria-label={`Test ${one.platform} ${one.name}`}
          onClick={test}
        >
          Test
        </button>
        <button
          type="button"
          className="button bare small"
          aria-label={`Forget ${one.platform} ${one.name}`}
          onClick={forget}
        >
          Forget
        </button>
      </div>
    </li>
  );
}

function Connect({ onClose, done }: { onClose: () => void; done: (name: string, secret: string | null) => void }) {
  const { shop } = useSession();
  const [kind, setKind] = useState("folder");
  const [platform, setPlatform] = useState("");
  const [name, setName] = useState("");
  const [path, setPath] = useState(".");
  const [preset, setPreset] = useState("");
  return (
    <Window
      title="Connect"
      action="Connect"
      ready={platform.trim() !== ""}
      onClose={onClose}
      act={async () => {
        const wanted = { kind, platform: platform.trim(), ...(name.trim() && { name: name.trim() }) };
        const folder = kind === "folder" && { path, ...(preset && { preset }) };
        const made = await call<{ data: Source & { signingSecret: string | null } }>("POST", "/api/connections", {
          tenant: shop.slug,
          json: { ...wanted, ...folder },
        });
        done(`${platformName(made.data.platform)} is connected`, made.data.signingSecret);
      }}
    >
      <fieldset className="checks">
        <legend>Kind</legend>
        {Object.entries(KINDS).map(([value, label]) => (
          <label key={value}>
            <input type="radio" name="kind" checked={kind === value} onChange={() => setKind(value)} />
            {label}
          </label>
        ))}
      </fieldset>
      <label className="field">
        Platform
        <input required value={platform} maxLength={63} onChange={(event) => setPlatform(event.target.value)} />
        <span className="note">Under this name its figures stand: small letters, such as shopify.</span>
      </label>
      <label className="field">
        Name, where a platform has two
        <input value={name} maxLength={80} onChange={(event) => setName(event.target.value)} />
      </label>
      {kind === "folder" && (
        <>
          <label className="field">
            Folder
            <input required value={path} maxLength={500} onChange={(event) => setPath(event.target.value)} />
            <span className="note">
              Within <code>inbox/{shop.slug}</code> of the server; a dot is all of it.
            </span>
          </label>
          <label className="field">
            Files are
            <select value={preset} onChange={(event) => setPreset(event.target.value)}>
              <option value="">in Tallymark’s own columns</option>
              {PRESETS.map((one) => (
                <option key={one} value={one}>
                  exports of {platformName(one)}
                </option>
              ))}
            </select>
          </label>
        </>
      )}
    </Window>
  );
}
