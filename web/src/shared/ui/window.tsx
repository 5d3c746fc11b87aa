import { type FormEvent, type ReactNode, useState } from "react";
import { reason } from "../act";
import { Dialog } from "./dialog";
import "./panel.css";

interface Props {
  title: string;
  /** What is going to happen, in a sentence. */
  children?: ReactNode;
  /** What the button says. */
  action: string;
  danger?: boolean;
  ready?: boolean;
  onClose: () => void;
  /** Does it and closes the window; what it throws is told, and the window stays. */
  act: () => Promise<unknown>;
}

/** A question over the page, or a small form: done with Enter, left with Escape. */
export function Window({ title, children, action, danger = false, ready = true, onClose, act }: Props) {
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setWrong("");
    try {
      await act();
    } catch (error) {
      setWrong(reason(error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <Dialog label={title} onClose={onClose}>
      <form className="window" onSubmit={(event) => void submit(event)}>
        <h2>{title}</h2>
        {children}
        {wrong && (
          <p role="alert" className="wrong">
            {wrong}
          </p>
        )}
        <div className="ends">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className={`button ${danger ? "danger" : "primary"}`} disabled={busy || !ready}>
            {action}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
