import { type FormEvent, useState } from "react";
import { useAct } from "@/shared/act";
import { useToday } from "@/shared/clock";
import { useRest } from "@/shared/rest";
import { call } from "@/shared/server";
import { useSession } from "@/shared/session";
import { Panel } from "@/shared/ui/panel";
import { Scrolling } from "@/shared/ui/scrolling";

interface Rate {
  currency: string;
  day: string;
  rate: number;
}

/** What other currencies are worth in the shop's own, from a day on. */
export function Rates() {
  const { shop, format } = useSession();
  const rates = useRest<{ data: { currency: string; rates: Rate[] } }>("/api/exchange-rates");
  const { busy, wrong, act } = useAct();
  const remove = ({ currency, day }: Rate) =>
    void act(() => call("DELETE", `/api/exchange-rates/${currency}/${day}`, { tenant: shop.slug }).then(rates.again));
  return (
    <Panel
      title="Exchange rates"
      of={rates}
      className="half"
      note={`Orders in other currencies count at the rate of their day; without one they are left out, and told of`}
    >
      {({ data }) => (
        <div className="stacked">
          <Enter again={rates.again} />
          {wrong && (
            <p role="alert" className="wrong">
              {wrong}
            </p>
          )}
          {data.rates.length === 0 ? (
            <p className="note">No rate is known. Where every order is in {data.currency}, none is needed.</p>
          ) : (
            <Scrolling label="Exchange rates, the newest first">
              <table>
                <thead>
                  <tr>
                    <th scope="col">Currency</th>
                    <th scope="col">From</th>
                    <th scope="col" className="number">
                      In {data.currency}
                    </th>
                    <td />
                  </tr>
                </thead>
                <tbody>
                  {data.rates.map((one) => (
                    <tr key={`${one.currency} ${one.day}`}>
                      <th scope="row">{one.currency}</th>
                      <td>{format.period(one.day)}</td>
                      <td className="number">{one.rate}</td>
                      <td className="actions">
                        <button
                          type="button"
                          className="button bare small"
                          disabled={busy}
                          aria-label={`Remove the rate of ${one.currency} from ${one.day}`}
                          onClick={() => remove(one)}
                        >
                          Remove
                        </button>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Scrolling>
          )}
        </div>
      )}
    </Panel>
  );
}

function Enter({ again }: { again: () => void }) {
  const { shop } = useSession();
  const { busy, wrong, act } = useAct();
  const today = useToday(shop.timezone);
  const [currency, setCurrency] = useState("");
  const [day, setDay] = useState<string>(today);
  const [rate, setRate] = useState("");
  function submit(event: FormEvent) {
    event.preventDefault();
    void act(async () => {
      const path = `/api/exchange-rates/${currency.toUpperCase()}/${day}`;
      await call("PUT", path, { tenant: shop.slug, json: { rate: Number(rate) } });
      setRate("");
      again();
    });
  }
  return (
    <form className="enter" onSubmit={submit}>
      <label className="field">
        Currency
        <input
          required
          pattern="[A-Za-z]{3}"
          maxLength={3}
          placeholder="USD"
          value={currency}
          onChange={(event) => setCurrency(event.target.value)}
        />
      </label>
      <label className="field">
        From
        <input type="date" required value={day} onChange={(event) => setDay(event.target.value)} />
      </label>
      <label className="field">
        One is worth, in {shop.currency}
        <input
          required
          inputMode="decimal"
          pattern="\d*\.?\d+"
          placeholder="0.79"
          value={rate}
          onChange={(event) => setRate(event.target.value)}
        />
      </label>
      <button type="submit" className="button" disabled={busy}>
        Enter
      </button>
      {wrong && (
        <p role="alert" className="wrong">
          {wrong}
        </p>
      )}
    </form>
  );
}
