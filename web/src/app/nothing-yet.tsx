import { lazy, Suspense } from "react";
import type { Live } from "@/shared/live";
import { useLive } from "@/shared/live";
import { useSession } from "@/shared/session";
import { Skeleton, State } from "@/shared/ui/state";

const Import = lazy(() => import("@/features/import"));

/** No record has come in: figures of it would say nothing. */
export function isEmpty({ totalOrders, totalProducts, totalExpenses }: Live): boolean {
  return !totalOrders && !totalProducts && !totalExpenses;
}

/** Before the first refresh: what has to come in, or that it only has to be counted. */
export function NothingYet({ live }: { live: Live }) {
  const { shop, format } = useSession();
  const { run } = useLive();
  const admin = shop.role === "admin";
  if (isEmpty(live))
    return (
      <div className="first">
        <section className="card nothing">
          <State title="Nothing has come in yet">
            {admin ? (
              <p>
                Bring in this shop’s orders, products and expenses: drop files below, or <code>tallymark import</code>{" "}
                them where the server runs.
              </p>
            ) : (
              <p>An admin of the shop brings in its orders, products and expenses.</p>
            )}
            <p className="note">
              To look around first, <code>tallymark demo</code> makes a shop with two years of orders.
            </p>
          </State>
        </section>
        {admin && (
          <Suspense fallback={<Skeleton height={240} />}>
            <Import />
          </Suspense>
        )}
      </div>
    );
  const found = `${format.figure(live.totalOrders, "count")} orders and ${format.figure(live.totalProducts, "count")} products`;
  return (
    <section className="card nothing">
      <State title="The figures have not been computed yet">
        <p>
          {found} are here.{" "}
          {run?.state === "running"
            ? "Their figures are being computed for the first time."
            : admin
              ? "Press Refresh to compute the figures for the first time."
              : "An admin of the shop has to refresh once."}
        </p>
      </State>
    </section>
  );
}
