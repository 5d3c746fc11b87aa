import { Link } from "@tanstack/react-router";
import { useCallback, useEffect, useState } from "react";
import { reason } from "@/shared/act";
import { useEvery } from "@/shared/clock";
import type { Shop } from "@/shared/format";
import { call } from "@/shared/server";
import { formatOf, useSession } from "@/shared/session";
import { Age } from "@/shared/ui/age";
import { Badge } from "@/shared/ui/badge";
import { Delta } from "@/shared/ui/delta";
import { health, type Live, type Month } from "./standing";
import "@/shared/ui/panel.css";
import "./clients.css";

const LOOK = 60;
const AT_ONCE = 4;

type Found = { live: Live; month: Month | null } | { wrong: string };

/** Every shop of this person at a glance, and the way into each. */
export default function Clients() {
  const { person } = useSession();
  const { found, busy, again } = useShops(person.tenants);
  useEvery(LOOK, again);
  return (
    <section className="card panel clients" aria-label="Clients" aria-busy={busy && found.size === 0}>
      <header>
        <h2>{person.tenants.length === 1 ? "Your shop" : `Your ${person.tenants.length} shops`}</h2>
        <button type="button" className="button small" disabled={busy} onClick={again}>
          Look again
        </button>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard. */}
      <section className="table" aria-label="How each shop stands" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Shop</th>
              <th scope="col">Figures</th>
              <th scope="col">Found current</th>
              <th scope="col" className="number">
                Net sales this month
              </th>
              <th scope="col">Growth</th>
              <th scope="col" className="number">
                Orders
              </th>
              <th scope="col">Data through</th>
            </tr>
          </thead>
          <tbody>
            {person.tenants.map((shop) => (
              <Line key={shop.slug} shop={shop} found={found.get(shop.slug)} />
            ))}
          </tbody>
        </table>
      </section>
      <footer>
        Each in its own currency, by its own local days; growth is against as many days just before this month.
      </footer>
    </section>
  );
}

function Line({ shop, found }: { shop: Shop; found: Found | undefined }) {
  const format = formatOf(shop);
  const name = (
    <th scope="row" className="wide">
      <Link to="/" search={{ tenant: shop.slug } as never}>
        {shop.name}
      </Link>
      <span className="note">
        {shop.timezone} · {shop.currency}
      </span>
    </th>
  );
  if (!found || "wrong" in found)
    return (
      <tr>
        {name}
        <td colSpan={6} className={found ? "negative" : "note"}>
          {found ? found.wrong : "Looking …"}
        </td>
      </tr>
    );
  const { live, month } = found;
  const { mood, name: word } = health(live);
  return (
    <tr>
      {name}
      <td>
        <Badge mood={mood}>{word}</Badge>
      </td>
      <td>{live.checkedAt ? <Age at={live.checkedAt} /> : "–"}</td>
      <td className="number">{format.figure(month?.data.netSales, "money")}</td>
      <td>{month ? <Delta ratio={month.data.growth?.netSales} /> : "–"}</td>
      <td className="number">{format.figure(month?.data.orders, "count")}</td>
      <td>{live.dataThrough ? <Age at={live.dataThrough} /> : "–"}</td>
    </tr>
  );
}

/** How the shops stand, a few asked at once; what one could not tell keeps no other from telling. */
function useShops(shops: readonly Shop[]) {
  const [found, setFound] = useState<ReadonlyMap<string, Found>>(new Map());
  const [busy, setBusy] = useState(true);
  const [turn, setTurn] = useState(0);
  const again = useCallback(() => setTurn((old) => old + 1), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new turn asks for the same again.
  useEffect(() => {
    const aborting = new AbortController();
    const waiting = [...shops];
    async function ask() {
      for (let shop = waiting.shift(); shop; shop = waiting.shift()) {
        const { slug } = shop;
        const told = await look(slug, aborting.signal);
        if (aborting.signal.aborted) return;
        setFound((old) => new Map(old).set(slug, told));
      }
    }
    setBusy(true);
    void Promise.all(Array.from({ length: AT_ONCE }, ask)).then(() => aborting.signal.aborted || setBusy(false));
    return () => aborting.abort();
  }, [shops, turn]);
  return { found, busy, again };
}

async function look(tenant: string, signal: AbortSignal): Promise<Found> {
  try {
    const { data } = await call<{ data: Live }>("GET", "/api/live", { tenant, signal });
    const month = data.version
      ? await call<Month>("GET", "/api/metrics/sales_overview?period=month", { tenant, signal })
      : null;
    return { live: data, month };
  } catch (error) {
    return { wrong: reason(error) };
  }
}
