import { type KeyboardEvent, useRef } from "react";
import { addDays, calendar, type Day, type Range } from "@/shared/days";
import { useSession } from "@/shared/session";
import { Icon } from "@/shared/ui/icon";

interface Props {
  /** Any day of the month that is shown. */
  month: Day;
  range: Range;
  /** The last day that can be chosen. */
  last: Day;
  onPick: (day: Day) => void;
  onMonth: (step: -1 | 1) => void;
}

const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

/** A month of days to choose from; the arrow keys go from day to day. */
export function Calendar({ month, range, last, onPick, onMonth }: Props) {
  const { format } = useSession();
  const table = useRef<HTMLTableElement>(null);
  const shown = month.slice(0, 7);
  const days = calendar(month)
    .flat()
    .filter((day) => day.startsWith(shown) && day <= last);
  const start = days.includes(range.to) ? range.to : days[0];

  function press(event: KeyboardEvent) {
    const step = STEPS[event.key];
    const at = (event.target as HTMLElement).dataset.day;
    if (!step || !at) return;
    event.preventDefault();
    table.current?.querySelector<HTMLButtonElement>(`[data-day="${addDays(at, step)}"]:not(:disabled)`)?.focus();
  }

  return (
    <div className="calendar">
      <Month shown={shown} last={last} onMonth={onMonth} />
      <table ref={table} aria-label={format.period(shown)} onKeyDown={press}>
        <thead>
          <tr>
            {WEEKDAYS.map((name) => (
              <th key={name} scope="col" abbr={name}>
                {name.slice(0, 2)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {calendar(month).map((week) => (
            <tr key={week[0]}>
              {week.map((day) => (
                <td key={day} data-within={day >= range.from && day <= range.to} data-other={!day.startsWith(shown)}>
                  <button
                    type="button"
                    data-day={day}
                    tabIndex={day === start ? 0 : -1}
                    disabled={day > last}
                    aria-label={format.period(day)}
                    aria-pressed={day === range.from || day === range.to}
                    onClick={() => onPick(day)}
                  >
                    {Number(day.slice(8))}
                  </button>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Month({ shown, last, onMonth }: { shown: string; last: Day; onMonth: (step: -1 | 1) => void }) {
  const { format } = useSession();
  return (
    <div className="month">
      <button
        type="button"
        className="button bare small square"
        aria-label="The month before"
        onClick={() => onMonth(-1)}
      >
        <Icon name="left" />
      </button>
      <strong aria-live="polite">{format.period(shown)}</strong>
      <button
        type="button"
        className="button bare small square"
        aria-label="The month after"
        disabled={shown >= last.slice(0, 7)}
        onClick={() => onMonth(1)}
      >
        <Icon name="right" />
      </button>
    </div>
  );
}
