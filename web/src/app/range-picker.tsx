import * as Popover from "@radix-ui/react-popover";
import { type FormEvent, type ReactNode, useState } from "react";
import { useToday } from "@/shared/clock";
import { addMonths, type Day, PRESETS, type Preset, type Range } from "@/shared/days";
import { useSession } from "@/shared/session";
import { useChange, useView } from "@/shared/view";
import { Calendar } from "./calendar";

/** Days by name, by calendar, or typed; open when first drawn. */
export default function RangePicker({ button }: { button: ReactNode }) {
  const [open, setOpen] = useState(true);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild>{button}</Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="floating range" align="start" sideOffset={6} collisionPadding={8} aria-label="Days">
          <Choices close={() => setOpen(false)} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Choices({ close }: { close: () => void }) {
  const { shop } = useSession();
  const view = useView(shop.timezone);
  const today = useToday(shop.timezone);
  const change = useChange();
  const [picked, setPicked] = useState<Range>(view.range);
  const [half, setHalf] = useState<Day | null>(null);
  const [month, setMonth] = useState(view.range.to);

  function choose(changes: Record<string, string | null>) {
    change(changes);
    close();
  }
  function pick(day: Day) {
    if (half === null) {
      setHalf(day);
      setPicked({ from: day, to: day });
      return;
    }
    const [from, to] = half <= day ? [half, day] : [day, half];
    choose({ range: null, from, to });
  }
  function typed(event: FormEvent) {
    event.preventDefault();
    const [from, to] = picked.from <= picked.to ? [picked.from, picked.to] : [picked.to, picked.from];
    choose({ range: null, from, to });
  }

  return (
    <>
      <Presets chosen={view.preset} choose={(preset) => choose({ range: preset, from: null, to: null })} />
      <form className="custom" onSubmit={typed}>
        <Calendar
          month={month}
          range={picked}
          last={today}
          onPick={pick}
          onMonth={(step) => setMonth(addMonths(month, step))}
        />
        <Ends picked={picked} last={today} onChange={setPicked} />
        <p className="note">{half ? "Now choose the last day." : `Days by the clock of ${shop.timezone}.`}</p>
        <button type="submit" className="button primary">
          Show these days
        </button>
      </form>
    </>
  );
}

function Presets({ chosen, choose }: { chosen: Preset | null; choose: (preset: Preset) => void }) {
  return (
    <div className="presets">
      {(Object.entries(PRESETS) as [Preset, { label: string; key: string }][]).map(([preset, { label, key }]) => (
        <button
          key={preset}
          type="button"
          className="choice"
          aria-pressed={chosen === preset}
          onClick={() => choose(preset)}
        >
          {label} <kbd>{key.toUpperCase()}</kbd>
        </button>
      ))}
    </div>
  );
}

/** The same two days, typed. */
function Ends({ picked, last, onChange }: { picked: Range; last: Day; onChange: (range: Range) => void }) {
  return (
    <div className="ends">
      {(["from", "to"] as const).map((end) => (
        <label key={end} className="field">
          {end === "from" ? "From" : "To"}
          <input
            type="date"
            max={last}
            value={picked[end]}
            onChange={(event) => event.target.value && onChange({ ...picked, [end]: event.target.value })}
          />
        </label>
      ))}
    </div>
  );
}
