import { ApolloProvider } from "@apollo/client/react";
import { Outlet, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useState } from "react";
import { SignIn } from "@/features/sign-in";
import { clientOf, forget } from "@/shared/graph";
import { LiveProvider } from "@/shared/live";
import { usePaused } from "@/shared/pace";
import { call, onSessionEnd, Problem } from "@/shared/server";
import { formatOf, type Person, SessionProvider, shopOf } from "@/shared/session";
import { State } from "@/shared/ui/state";
import { type Search, USUAL } from "@/shared/view";
import { Shell } from "./shell";

/** How soon a server that was not there is looked for again. */
const AGAIN = 3_000;

type Standing =
  | { is: "asking" }
  | { is: "out"; ended: boolean }
  | { is: "in"; person: Person }
  | { is: "broken"; problem: Problem };

/** Whoever is not signed in signs in here, at whichever address, and then sees what it shows. */
export function Root() {
  const [standing, setStanding] = useState<Standing>({ is: "asking" });
  const ask = useCallback(async () => {
    try {
      setStanding({ is: "in", person: await call<Person>("GET", "/api/auth/me") });
    } catch (error) {
      const problem = error instanceof Problem ? error : new Problem(0, String(error));
      setStanding(problem.status === 401 ? { is: "out", ended: false } : { is: "broken", problem });
    }
  }, []);
  const leave = useCallback((ended: boolean) => {
    forget();
    setStanding({ is: "out", ended });
  }, []);
  useEffect(() => {
    onSessionEnd(() => leave(true));
    void ask();
  }, [ask, leave]);
  const gone = standing.is === "broken" && standing.problem.unreachable;
  useEffect(() => {
    if (!gone) return;
    const timer = setInterval(ask, AGAIN);
    return () => clearInterval(timer);
  }, [gone, ask]);
  const paused = usePaused();
  if (standing.is === "asking")
    return paused ? (
      <State title="One moment">
        <p>The server has been asked for a lot within a minute. It goes on by itself.</p>
      </State>
    ) : null;
  if (standing.is === "out")
    return <SignIn ended={standing.ended} onEnter={(person) => setStanding({ is: "in", person })} />;
  if (standing.is === "broken")
    return (
      <State
        title="Tallymark cannot be reached"
        action={
          <button type="button" className="button" onClick={() => void ask()}>
            Try again
          </button>
        }
      >
        <p>{standing.problem.message}</p>
      </State>
    );
  return <SignedIn person={standing.person} leave={leave} />;
}

function SignedIn({ person, leave }: { person: Person; leave: (ended: boolean) => void }) {
  const search = useSearch({ strict: false }) as Search;
  const shop = shopOf(person, search.tenant);
  const session = useMemo(
    () =>
      shop && {
        person,
        shop,
        format: formatOf(shop),
        signOut: () => call("POST", "/api/auth/logout").then(() => leave(false)),
      },
    [person, shop, leave],
  );
  if (!session)
    return (
      <State title="No shop is open to you yet">
        <p>You are signed in as {person.user.email}. Ask an admin of your shop to let you in.</p>
      </State>
    );
  // Everything below begins anew for another shop: nothing of one is seen in the other.
  return (
    <SessionProvider value={session}>
      <ApolloProvider client={clientOf(session.shop.slug)} key={session.shop.slug}>
        <LiveProvider platform={search.platform ?? USUAL.platform}>
          <Shell>
            <Outlet />
          </Shell>
        </LiveProvider>
      </ApolloProvider>
    </SessionProvider>
  );
}
