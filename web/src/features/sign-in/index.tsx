import { type FormEvent, useRef, useState } from "react";
import { call, Problem } from "@/shared/server";
import type { Person } from "@/shared/session";
import { Brand } from "@/shared/ui/brand";
import "./sign-in.css";

interface Props {
  /** The session has run out while somebody looked. */
  ended: boolean;
  onEnter: (person: Person) => void;
}

export function SignIn({ ended, onEnter }: Props) {
  const [wrong, setWrong] = useState("");
  const [busy, setBusy] = useState(false);
  const password = useRef<HTMLInputElement>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    setBusy(true);
    setWrong("");
    try {
      onEnter(await call<Person>("POST", "/api/auth/login", { json: Object.fromEntries(given) }));
    } catch (error) {
      setWrong(error instanceof Problem ? error.message : String(error));
      setBusy(false);
      password.current?.select();
    }
  }

  return (
    <main className="sign-in">
      <form className="card" onSubmit={(event) => void submit(event)}>
        <Brand />
        <h1>Sign in</h1>
        <p className="note">
          {ended ? "Your session has ended. Sign in to go on where you were." : "Your shop’s figures, kept ready."}
        </p>
        <label className="field">
          Email
          {/* biome-ignore lint/a11y/noAutofocus: there is nothing else to do here. */}
          <input name="email" type="email" autoComplete="username" required maxLength={254} autoFocus />
        </label>
        <label className="field">
          Password
          <input
            ref={password}
            name="password"
            type="password"
            autoComplete="current-password"
            required
            maxLength={1024}
          />
        </label>
        <p className="wrong" role="alert">
          {wrong}
        </p>
        <button type="submit" className="button primary" disabled={busy}>
          {busy ? "Signing in…" : "Sign in"}
        </button>
      </form>
    </main>
  );
}
