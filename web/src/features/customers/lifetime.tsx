import { useSession } from "@/shared/session";
import { Card, type CardStanding } from "@/shared/ui/card";
import { Lines } from "@/shared/ui/lines";
import type { Answer } from "./question";

/** What a customer has been worth and is expected to bring, and how far to trust that. */
export function Lifetime({ lifetime, ...standing }: { lifetime: Answer["lifetime"] } & CardStanding) {
  const { format } = useSession();
  const historic = lifetime?.historic;
  const predicted = lifetime?.predicted;
  const model = lifetime?.model;
  const money = (value: number | null | undefined) => format.figure(value, "money");
  const told = predicted?.value != null;
  return (
    <Card
      title="Lifetime value of a customer"
      className="lifetime span-5"
      {...standing}
      height={420}
      note={
        told && model?.fittedOn
          ? `Foretold by BG/NBD and Gamma-Gamma, fitted on ${format.period(model.fittedOn)} to ${format.figure(model.customers, "count")} customers, of whom ${format.figure(model.repeatCustomers, "count")} came back`
          : "Nothing is foretold yet; what customers have brought so far is known"
      }
      download={{
        caption: "Lifetime value of a customer",
        each: ["figure", "figures"],
        columns: [
          { name: "figure", label: "Figure", value: ([name]: [string, unknown]) => name },
          { name: "value", label: "Value", value: ([, value]: [string, string | number | null]) => value },
        ],
        rows: lifetime?.customers
          ? [
              ["lifetimeValue", lifetime.lifetimeValue],
              ...within("historic", historic),
              ...within("predicted", predicted),
              ...within("model", model),
            ]
          : [],
      }}
      empty="Nobody has bought yet"
    >
      <p className="figure">{money(told ? lifetime?.lifetimeValue : historic?.average)}</p>
      <p className="note">
        {told
          ? `${money(historic?.average)} so far and ${money(predicted?.value)} expected in the next twelve months`
          : "so far, on average"}
      </p>
      <Lines
        lines={[
          ["Half of them brought at most", money(historic?.median)],
          ["The best one brought", money(historic?.largest)],
          ["All of them so far", money(historic?.total)],
          ["All of them, next twelve months", money(predicted?.total)],
          ["Purchases expected of each", format.figure(predicted?.purchases, "ratio")],
          ...(model?.holdoutError != null
            ? ([
                [
                  "How far off it was",
                  missed(model.holdoutError, format.growth),
                  "when it foretold the last quarter of the history",
                ],
              ] as const)
            : []),
        ]}
      />
    </Card>
  );
}

function missed(error: number, growth: (ratio: number) => string): string {
  const told = growth(Math.abs(error)).replace("+", "");
  return Math.abs(error) < 0.0005 ? "Exact" : `${told} too ${error > 0 ? "many" : "few"} purchases`;
}

/** The figures of a group, by the names that the server's own files have for them. */
function within(group: string, figures: object | null | undefined): [string, string | number | null][] {
  const told = Object.entries(figures ?? {}).filter(([name]) => name !== "__typename");
  return told.map(([name, value]) => [`${group}.${name}`, value]);
}
