import { useState } from "react";
import { useAct } from "@/shared/act";
import { useRest } from "@/shared/rest";
import { call } from "@/shared/server";
import { useSession } from "@/shared/session";
import { Age } from "@/shared/ui/age";
import { Icon } from "@/shared/ui/icon";
import { Panel } from "@/shared/ui/panel";
import { Scrolling } from "@/shared/ui/scrolling";
import { Secret } from "@/shared/ui/secret";
import { Window } from "@/shared/ui/window";
import { ROLES, type Role, RoleChoice } from "./role";

interface Colleague {
  id: number;
  email: string;
  role: Role;
  createdAt: string;
  lastSignedIn: string | null;
}

type Open = { is: "invite" } | { is: "remove"; one: Colleague } | { is: "password"; email: string; password: string };

/** Who belongs to the shop, and as what. */
export function People() {
  const { shop } = useSession();
  const users = useRest<{ users: Colleague[] }>("/api/users");
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  return (
    <>
      <Panel
        title="People"
        of={users}
        controls={
          <button type="button" className="button small" onClick={() => setOpen({ is: "invite" })}>
            <Icon name="add" /> Invite somebody
          </button>
        }
      >
        {(data) => (
          <Scrolling className="stacks" label="Who belongs to the shop">
            <table>
              <thead>
                <tr>
                  <th scope="col">Email</th>
                  <th scope="col">Role</th>
                  <th scope="col">Since</th>
                  <th scope="col">Last signed in</th>
                  <td />
                </tr>
              </thead>
              <tbody>
                {data.users.map((one) => (
                  <Line key={one.id} one={one} again={users.again} remove={() => setOpen({ is: "remove", one })} />
                ))}
              </tbody>
            </table>
          </Scrolling>
        )}
      </Panel>
      {open?.is === "invite" && (
        <Invite
          onClose={close}
          done={(email, password) => {
            users.again();
            setOpen(password ? { is: "password", email, password } : null);
          }}
        />
      )}
      {open?.is === "password" && (
        <Secret
          title={`${open.email} may come in`}
          about="This is the password of the new account."
          secret={open.password}
          onClose={close}
        />
      )}
      {open?.is === "remove" && (
        <Window
          title={`Remove ${open.one.email}?`}
          action="Remove"
          danger
          onClose={close}
          act={async () => {
            await call("DELETE", `/api/users/${open.one.id}`, { tenant: shop.slug });
            users.again();
            close();
          }}
        >
          <p>{shop.name} is closed to them from their next request on. Their account stays for other shops.</p>
        </Window>
      )}
    </>
  );
}

function Line({ one, again, remove }: { one: Colleague; again: () => void; remove: () => void }) {
  const { shop, person } = useSession();
  const { busy, wrong, act } = useAct();
  const own = one.id === person.user.id;
  const change = (role: Role) =>
    void act(() => call("PATCH", `/api/users/${one.id}`, { tenant: shop.slug, json: { role } }).then(again));
  return (
    <tr>
      <th scope="row" className="wide">
        {one.email} {own && <span className="note">This is you</span>}
        {wrong && (
          <span role="alert" className="note negative">
            {wrong}
          </span>
        )}
      </th>
      <td data-label="Role">
        {own ? (
          ROLES[one.role].name
        ) : (
          <select
            className="input small"
            aria-label={`Role of ${one.email}`}
            value={one.role}
            disabled={busy}
            onChange={(event) => change(event.target.value as Role)}
          >
            {Object.entries(ROLES).map(([role, { name }]) => (
              <option key={role} value={role}>
                {name}
              </option>
            ))}
          </select>
        )}
      </td>
      <td data-label="Since">
        <Age at={one.createdAt} />
      </td>
      <td data-label="Last signed in">{one.lastSignedIn ? <Age at={one.lastSignedIn} /> : "Never"}</td>
      <td className="actions">
        {!own && (
          <button type="button" className="button bare small" aria-label={`Remove ${one.email}`} onClick={remove}>
            Remove
          </button>
        )}
      </td>
    </tr>
  );
}

function Invite({ onClose, done }: { onClose: () => void; done: (email: string, password: string | null) => void }) {
  const { shop } = useSession();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  return (
    <Window
      title="Invite somebody"
      action="Invite"
      ready={email.includes("@")}
      onClose={onClose}
      act={async () => {
        const asked = { tenant: shop.slug, json: { email, role } };
        const made = await call<{ email: string; password: string | null }>("POST", "/api/users", asked);
        done(made.email, made.password);
      }}
    >
      <label className="field">
        Email
        <input type="email" required value={email} onChange={(event) => setEmail(event.target.value)} />
        <span className="note">
          Whoever has an account keeps its password; a new account gets one that you see once.
        </span>
      </label>
      <RoleChoice value={role} onChange={setRole} />
    </Window>
  );
}
