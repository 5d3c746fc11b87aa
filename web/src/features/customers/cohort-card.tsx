import { CohortGrid } from "@/shared/charts";
import { useSession } from "@/shared/session";
import { Card, type CardStanding } from "@/shared/ui/card";
import { averageAfter, cohortsOf, type Month } from "./cohorts";

/** Of those who first bought in a month, how many came back in each month since. */
export function Cohorts({ months, ...standing }: { months: readonly Month[] } & CardStanding) {
  const { format } = useSession();
  const next = averageAfter(months, 1);
  return (
    <Card
      title="Who comes back"
      className="cohort-card"
      {...standing}
      height={420}
      empty="Nobody has bought yet"
      note={
        next === null
          ? "By the month of the first purchase; … is a month that is not over"
          : `In percent, by months since the first purchase: ${format.figure(next, "percent")} buy again in the month after it. … is a month that is not over`
      }
      download={{
        caption: "Retention by month of the first purchase",
        each: ["month of a cohort", "months of cohorts"],
        columns: [
          { name: "cohort", label: "First purchase", time: true, value: (row: Month) => row.cohort },
          { name: "size", label: "Customers", unit: "count", value: (row: Month) => row.size },
          { name: "monthsSince", label: "Months since", unit: "count", value: (row: Month) => row.monthsSince },
          { name: "customers", label: "Came back", unit: "count", value: (row: Month) => row.customers },
          { name: "retention", label: "Share", unit: "percent", value: (row: Month) => row.retention },
        ],
        rows: months,
      }}
    >
      <CohortGrid
        title="Customers who bought again, in percent, by months since their first purchase"
        rowName="First bought"
        cohorts={cohortsOf(months)}
      />
    </Card>
  );
}
