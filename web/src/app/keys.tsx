import { useEffect, useState, useSyncExternalStore } from "react";
import { Dialog } from "@/shared/ui/dialog";
import { type Command, useCommands } from "./commands";
import { Palette } from "./palette";

const KEY = "tallymark.keys";
const NAMES: Record<string, string> = { ArrowLeft: "←", ArrowRight: "→" };
const listeners = new Set<() => void>();
const on = () => localStorage.getItem(KEY) !== "off";

function turn(enabled: boolean): void {
  localStorage.setItem(KEY, enabled ? "on" : "off");
  for (const tell of listeners) tell();
}

function useOn(): boolean {
  return useSyncExternalStore((tell) => {
    listeners.add(tell);
    return () => listeners.delete(tell);
  }, on);
}

/** Keys for the whole page: single letters, which can be turned off, the palette, and the list of them all. */
export function Keys() {
  const commands = useCommands();
  const [open, setOpen] = useState<"palette" | "help" | null>(null);
  useEffect(() => {
    function press(event: KeyboardEvent) {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setOpen("palette");
        return;
      }
      if (open || event.ctrlKey || event.metaKey || event.altKey || takesKeys(event.target) || !on()) return;
      if (event.key === "?") return setOpen("help");
      const found = commands.find(({ key }) => key === event.key);
      if (!found) return;
      event.preventDefault();
      found.run();
    }
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [commands, open]);
  useEffect(() => {
    const show = () => setOpen("palette");
    document.addEventListener("palette", show);
    return () => document.removeEventListener("palette", show);
  }, []);
  if (open === "palette") return <Palette commands={commands} onClose={() => setOpen(null)} />;
  if (open === "help") return <Help commands={commands} onClose={() => setOpen(null)} />;
  return null;
}

export function openPalette(): void {
  document.dispatchEvent(new Event("palette"));
}

/** Whatever is typed into, or moved by the arrow keys itself. */
function takesKeys(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest("input, select, textarea, [role=slider], [role=menu], .calendar, dialog") !== null
  );
}

function Help({ commands, onClose }: { commands: readonly Command[]; onClose: () => void }) {
  const enabled = useOn();
  return (
    <Dialog label="Keys" onClose={onClose}>
      <div className="help">
        <h2>Keys</h2>
        <dl>
          {[{ name: "Anything, by name", key: "Ctrl K" }, { name: "This list", key: "?" }, ...commands].map(
            ({ name, key }) =>
              key ? (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>
                    <kbd>{NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key)}</kbd>
                  </dd>
                </div>
              ) : null,
          )}
        </dl>
        <label>
          <input type="checkbox" checked={enabled} onChange={(event) => turn(event.target.checked)} /> Keys without Ctrl
          are on
        </label>
      </div>
    </Dialog>
  );
}
