import { useState } from "react";
import { useRest } from "@/shared/rest";
import { call } from "@/shared/server";
import { useSession } from "@/shared/session";
import { Age } from "@/shared/ui/age";
import { Ahead } from "@/shared/ui/ahead";
import { Badge } from "@/shared/ui/badge";
import { Icon } from "@/shared/ui/icon";
import { Panel } from "@/shared/ui/panel";
import { Scrolling } from "@/shared/ui/scrolling";
import { Secret } from "@/shared/ui/secret";
import { State } from "@/shared/ui/state";
import { Window } from "@/shared/ui/window";
import { ROLES, type Role, RoleChoice } from "./role";

interface Key {
  id: number;
  name: string;
  ending: string;
  role: Role;
  scopes: Scope[];
  createdBy: string;
  createdAt: string;
  expiresAt: string | null;
  lastUsed: string | null;
}

type Scope = keyof typeof SCOPES;
type Open = { is: "make" } | { is: "end"; key: Key } | { is: "secret"; name: string; secret: string };

const SCOPES = {
  read: "read figures",
  refresh: "start refreshes",
  events: "send changes",
  manage: "change people, keys and schedules",
} as const;
const LIVES = { 30: "30 days", 90: "90 days", 365: "a year", 0: "until it is ended" } as const;
const DAY = 86_400_000;

/** Keys of programs: what each may do, and until when. */
export function Keys() {
  const { shop } = useSession();
  const keys = useRest<{ keys: Key[] }>("/api/keys");
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  return (
    <>
      <Panel
        title="API keys"
        of={keys}
        height={96}
        empty={(data) =>
          data.keys.length ? null : (
            <State title="No program has a key yet">
              <p>A key lets a program read the figures, start refreshes, or send changes, for this shop only.</p>
            </State>
          )
        }
        controls={
          <button type="button" className="button small" onClick={() => setOpen({ is: "make" })}>
            <Icon name="add" /> Make a key
          </button>
        }
      >
        {(data) => <Table keys={data.keys} end={(key) => setOpen({ is: "end", key })} />}
      </Panel>
      {open?.is === "make" && (
        <Make
          onClose={close}
          done={(name, secret) => {
            keys.again();
            setOpen({ is: "secret", name, secret });
          }}
        />
      )}
      {open?.is === "secret" && (
        <Secret title={open.name} about="Programs send it as a bearer token." secret={open.secret} onClose={close} />
      )}
      {open?.is === "end" && (
        <Window
          title={`End the key ${open.key.name}?`}
          action="End the key"
          danger
          onClose={close}
          act={async () => {
            await call("DELETE", `/api/keys/${open.key.id}`, { tenant: shop.slug });
            keys.again();
            close();
          }}
        >
          <p>Whatever uses it is refused from now on. This cannot be undone.</p>
        </Window>
      )}
    </>
  );
}

function Table({ keys, end }: { keys: Key[]; end: (key: Key) => void }) {
  return (
    <Scrolling className="stacks" label="Keys of programs">
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Permissions</th>
            <th scope="col">Made</th>
            <th scope="col">Last used</th>
            <th scope="col">Expires</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <tr key={key.id}>
              <th scope="row" className="wide">
                {key.name}
                <span className="note">
                  {ROLES[key.role].name}, ends in <code>{key.ending}</code>
                </span>
              </th>
              <td className="wide" data-label="Permissions">
                {key.scopes.map((scope) => (
                  <Badge key={scope}>{SCOPES[scope]}</Badge>
                ))}
              </td>
              <td data-label="Made">
                <Age at={key.createdAt} />
                <span className="note">by {key.createdBy}</span>
              </td>
              <td data-label="Last used">{key.lastUsed ? <Age at={key.lastUsed} /> : "Never"}</td>
              <td data-label="Expires">
                <Until at={key.expiresAt} />
              </td>
              <td className="actions">
                <button
                  type="button"
                  className="button bare small"
                  aria-label={`End the key ${key.name}`}
                  onClick={() => end(key)}
                >
                  End
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolling>
  );
}

function Until({ at }: { at: string | null }) {
  if (at === null) return "Never";
  if (Date.parse(at) < Date.now()) return <Badge mood="warn">Expired</Badge>;
  return <Ahead at={at} />;
}

function Make({ onClose, done }: { onClose: () => void; done: (name: string, secret: string) => void }) {
  const { shop } = useSession();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [scopes, setScopes] = useState<Scope[]>(["read"]);
  const [days, setDays] = useState(90);
  const toggle = (scope: Scope) =>
    setScopes((old) => (old.includes(scope) ? old.filter((one) => one !== scope) : [...old, scope]));
  return (
    <Window
      title="Make a key"
      action="Make the key"
      ready={name.trim() !== "" && scopes.length > 0}
      onClose={onClose}
      act={async () => {
        const expiresAt = days ? new Date(Date.now() + days * DAY).toISOString() : null;
        const made = await call<{ name: string; key: string }>("POST", "/api/keys", {
          tenant: shop.slug,
          json: { name: name.trim(), role, scopes, expiresAt },
        });
        done(made.name, made.key);
      }}
    >
      <label className="field">
        Name
        <input required value={name} maxLength={80} onChange={(event) => setName(event.target.value)} />
        <span className="note">What it is for: the audit log tells what it did under this name.</span>
      </label>
      <RoleChoice value={role} onChange={setRole} />
      <fieldset className="checks">
        <legend>Permissions</legend>
        {(Object.keys(SCOPES) as Scope[]).map((scope) => (
          <label key={scope}>
            <input type="checkbox" checked={scopes.includes(scope)} onChange={() => toggle(scope)} />
            {SCOPES[scope]}
          </label>
        ))}
      </fieldset>
      <label className="field">
        Good for
        <select value={days} onChange={(event) => setDays(Number(event.target.value))}>
          {[30, 90, 365, 0].map((value) => (
            <option key={value} value={value}>
              {LIVES[value as keyof typeof LIVES]}
            </option>
          ))}
        </select>
      </label>
    </Window>
  );
}
