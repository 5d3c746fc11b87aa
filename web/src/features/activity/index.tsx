import { useFigures } from "@/shared/graph";
import { useSession } from "@/shared/session";
import { Kpi } from "@/shared/ui/kpi";
import { State } from "@/shared/ui/state";
import { useView } from "@/shared/view";
import { Feed } from "./feed";
import { Items } from "./items";
import { Platforms } from "./platforms";
import { ACTIVITY } from "./question";
import { Steps } from "./steps";
import { Trend } from "./trend";
import { moved, type Sums, summed } from "./visits";
import "./activity.css";

/** What visitors do, how many of them buy, and what happened last. */
export default function Activity() {
  const { shop } = useSession();
  const view = useView(shop.timezone);
  const { range, platform, running, before: earlier } = view;
  const figures = useFigures(ACTIVITY, {
    days: { startDate: range.from, endDate: range.to },
    before: earlier && { startDate: earlier.from, endDate: earlier.to },
    compared: earlier !== null,
    platform,
  });
  const of = (field: "days" | "items" | "platforms") => ({
    fresh: figures.freshOf(field),
    pending: figures.pending,
    problem: figures.problemOf(field),
    again: figures.again,
  });
  const { data } = figures;
  const standing = of("days");
  const days = data?.days ?? [];
  const before = data?.earlier ?? undefined;
  const platforms = data?.platforms ?? [];
  const sums = summed(days);
  const growth = before && moved(days, before, running);
  const known = standing.fresh === undefined || standing.problem !== undefined || sums.visits !== null;
  const count = (title: string, name: keyof Sums, unit: "count" | "percent" = "count") => (
    <Kpi
      title={title}
      unit={unit}
      value={sums[name]}
      against={compared}
      {...(growth && { growth: growth[name] })}
      {...standing}
    />
  );
  const against = growth ? `vs the ${view.comparison === "year" ? "year" : "period"} before` : "";
  const compared = against && running ? `${against}, without today` : against;
  return (
    <div className="page activity">
      {known ? (
        <>
          <div className="kpis">
            {count("Visits", "visits")}
            {count("Conversion", "conversion", "percent")}
            {count("Added to cart", "carts")}
            {count("Sign-ups", "signups")}
          </div>
          <Trend days={days} before={before} view={view} {...standing} />
          <Steps sums={sums} {...standing} />
          <Items items={data?.items ?? []} {...of("items")} />
          {platforms.length > 1 && <Platforms platforms={platforms} {...of("platforms")} />}
        </>
      ) : (
        <section className="card">
          <State title="No visits are known in these days">
            <p>
              Tallymark counts what it is sent: visits, views of products, carts, checkouts and sign-ups, as records of
              the kind activity, from a file or as events.
            </p>
            <pre>tallymark import activity.csv --tenant {shop.slug}</pre>
          </State>
        </section>
      )}
      <Feed view={view} />
    </div>
  );
}
