import { useToday } from "@/shared/clock";
import { addMonths, monthStart } from "@/shared/days";
import { questionOf } from "@/shared/figures";
import { useFigures } from "@/shared/graph";
import { useSession } from "@/shared/session";
import { Kpi } from "@/shared/ui/kpi";
import { useChoice, useView } from "@/shared/view";
import { Cohorts } from "./cohort-card";
import { Growth } from "./growth";
import { Lifetime } from "./lifetime";
import { type Answer, CUSTOMERS } from "./question";
import { Segments } from "./segments";
import "./customers.css";

/** Who buys, who comes back, and what they are worth. */
export default function Customers() {
  const { shop, format } = useSession();
  const view = useView(shop.timezone);
  const today = useToday(shop.timezone);
  const [by, group] = useChoice("segments", ["rfm", "stored"] as const, "rfm");
  const { days, platform } = questionOf(view);
  const figures = useFigures(CUSTOMERS, {
    days,
    platform,
    year: { startDate: addMonths(monthStart(today), -11), endDate: today },
    by: by === "rfm" ? "RFM" : "STORED",
  });
  const of = (field: keyof Answer) => ({
    fresh: figures.freshOf(field),
    pending: figures.pending,
    problem: figures.problemOf(field),
    again: figures.again,
  });
  const { data } = figures;
  const known = data?.insights;
  const people = `of ${format.figure(known?.customers, "count")} customers`;
  return (
    <div className="page">
      <div className="kpis">
        <Kpi
          title="Customers"
          unit="count"
          value={known?.customers}
          note={
            known
              ? `who ordered in these days; ${format.figure(known.guestOrders, "count")} orders came from guests`
              : ""
          }
          {...of("insights")}
        />
        <Kpi
          title="New customers"
          unit="count"
          value={known?.newCustomers}
          note={`${people} ordered for the first time`}
          {...of("insights")}
        />
        <Kpi
          title="Repeat purchase rate"
          unit="percent"
          value={known?.repeatPurchaseRate}
          note={`${format.figure(known?.repeatCustomers, "count")} ${people} ordered twice or more within these days`}
          {...of("insights")}
        />
        <Kpi
          title="Returning customer rate"
          unit="percent"
          value={known?.returningCustomerRate}
          note={`${format.figure(known?.loyalCustomers, "count")} ${people} have ordered more than once ever`}
          {...of("insights")}
        />
      </div>
      <Segments segments={data?.segments ?? []} by={by} group={group} {...of("segments")} />
      <Lifetime lifetime={data?.lifetime ?? null} {...of("lifetime")} />
      <Cohorts months={data?.retention?.cohorts ?? []} {...of("retention")} />
      <Growth months={data?.growth ?? []} {...of("growth")} />
      <div className="kpis trio">
        <Kpi
          title="Spent by a customer"
          unit="money"
          value={known?.averageSpend}
          note="in these days on average; returns are not taken off"
          {...of("insights")}
        />
        <Kpi
          title="Orders of a customer"
          unit="ratio"
          value={known?.averageOrders}
          note="in these days on average"
          {...of("insights")}
        />
        <Kpi
          title="Days between purchases"
          unit="ratio"
          value={known?.averageDaysBetween}
          note="on average, both within these days"
          {...of("insights")}
        />
      </div>
    </div>
  );
}
