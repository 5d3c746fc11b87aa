import { type FormEvent, useState } from "react";
import { useAct } from "@/shared/act";
import { call } from "@/shared/server";
import { useSession } from "@/shared/session";
import { Facts } from "@/shared/ui/facts";

const ROLES = { admin: "Admin", analyst: "Analyst", viewer: "Viewer" } as const;

/** The shop as it was opened. */
export function Shop() {
  const { shop } = useSession();
  const clock = new Intl.DateTimeFormat(undefined, { timeZone: shop.timezone, timeStyle: "short" });
  const offset = new Intl.DateTimeFormat("en", { timeZone: shop.timezone, timeZoneName: "longOffset" });
  const zone = offset.formatToParts(new Date()).find(({ type }) => type === "timeZoneName")?.value ?? "";
  const currency = new Intl.DisplayNames(undefined, { type: "currency" }).of(shop.currency);
  return (
    <section className="card panel" aria-label="Shop">
      <header>
        <h2>Shop</h2>
      </header>
      <Facts
        of={[
          { name: "Name", value: shop.name, note: <code>{shop.slug}</code> },
          { name: "Currency", value: shop.currency, note: currency },
          { name: "Time zone", value: shop.timezone, note: `${zone}, ${clock.format(new Date())} there now` },
          { name: "You are", value: ROLES[shop.role] },
        ]}
      />
      <footer>
        Every stored figure is in this currency and by these local days, so they are chosen when the shop is opened and
        stay.
      </footer>
    </section>
  );
}

/** One's own password. */
export function You() {
  const { person } = useSession();
  const { busy, wrong, act } = useAct();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  function submit(event: FormEvent) {
    event.preventDefault();
    // Every session ends with it, this one too: the next thing that asks the server leads to signing in.
    void act(() => call("POST", "/api/auth/password", { json: { current, new: next } }).then(() => location.reload()));
  }
  return (
    <section className="card panel half" aria-label="Your password">
      <header>
        <h2>Your password</h2>
      </header>
      <form className="stacked" onSubmit={submit}>
        <input type="hidden" autoComplete="username" value={person.user.email} />
        <label className="field">
          Password now
          <input
            type="password"
            required
            autoComplete="current-password"
            value={current}
            onChange={(event) => setCurrent(event.target.value)}
          />
        </label>
        <label className="field">
          New password
          <input
            type="password"
            required
            autoComplete="new-password"
            value={next}
            onChange={(event) => setNext(event.target.value)}
          />
        </label>
        {wrong && (
          <p role="alert" className="wrong">
            {wrong}
          </p>
        )}
        <div className="actions-row">
          <button type="submit" className="button primary" disabled={busy || !current || !next}>
            Change password
          </button>
          <span className="note">Ends every session of yours, this one too.</span>
        </div>
      </form>
    </section>
  );
}
