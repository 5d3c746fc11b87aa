import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { Dialog } from "@/shared/ui/dialog";
import { type Command, matching } from "./commands";

/** Everything there is to do, by name. */
export function Palette({ commands, onClose }: { commands: readonly Command[]; onClose: () => void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const found = matching(commands, text);
  const chosen = Math.min(at, found.length - 1);
  useEffect(() => {
    // Browsers of late return a promise, which is nothing to leave an effect with.
    list.current?.children[chosen]?.scrollIntoView({ block: "nearest" });
  }, [chosen]);

  function run(command: Command | undefined) {
    onClose();
    command?.run();
  }

  function press(event: KeyboardEvent) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setAt((chosen + step + found.length) % Math.max(1, found.length));
    else if (event.key === "Enter") run(found[chosen]);
    else return;
    event.preventDefault();
  }

  return (
    <Dialog label="Command palette" onClose={onClose}>
      <div className="palette">
        <input
          className="input"
          role="combobox"
          aria-label="What to do"
          aria-expanded
          aria-controls={id}
          aria-activedescendant={found[chosen] && `${id}-${chosen}`}
          placeholder="A page, days, a shop, the colours…"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setAt(0);
          }}
          onKeyDown={press}
        />
        <div ref={list} id={id} role="listbox" aria-label="What there is">
          {found.map((command, place) => (
            <Option
              key={`${command.group} ${command.name}`}
              id={`${id}-${place}`}
              command={command}
              chosen={place === chosen}
              onPoint={() => setAt(place)}
              onRun={() => run(command)}
            />
          ))}
          {found.length === 0 && <p className="note">Nothing is called that.</p>}
        </div>
      </div>
    </Dialog>
  );
}

interface OptionProps {
  id: string;
  command: Command;
  chosen: boolean;
  onPoint: () => void;
  onRun: () => void;
}

function Option({ id, command, chosen, onPoint, onRun }: OptionProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are heard by the field above.
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={chosen}
      className="choice"
      onClick={onRun}
      onPointerMove={onPoint}
    >
      <span className="note">{command.group}</span>
      {command.name}
      {command.key?.length === 1 && <kbd>{command.key.toUpperCase()}</kbd>}
    </div>
  );
}
