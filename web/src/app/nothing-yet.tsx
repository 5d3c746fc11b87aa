import type { Live } from "@/shared/live";
import { useSession } from "@/shared/session";
import { State } from "@/shared/ui/state";

/** Before the first refresh: what has to come in, or that it only has to be counted. */
export function NothingYet({ live }: { live: Live }) {
  const { shop, format } = useSession();
  const nothing = !live.totalOrders && !live.totalProducts && !live.totalExpenses;
  const admin = shop.role === "admin";
  if (nothing)
    return (
      <section className="card nothing">
        <State title="Nothing has come in yet">
          <p>
            Bring in this shop’s orders, products and expenses. Files with the columns of the import guide load as they
            are:
          </p>
          <pre>tallymark import orders.csv order_items.csv products.csv expenses.csv --tenant {shop.slug}</pre>
          <p className="note">
            To look around first, <code>tallymark demo</code> makes a shop with two years of orders.
          </p>
        </State>
      </section>
    );
  const found = `${format.figure(live.totalOrders, "count")} orders and ${format.figure(live.totalProducts, "count")} products`;
  return (
    <section className="card nothing">
      <State title="The figures have not been computed yet">
        <p>
          {found} are here.{" "}
          {admin
            ? "Press Refresh to compute the figures for the first time."
            : "An admin of the shop has to refresh once."}
        </p>
      </State>
    </section>
  );
}
