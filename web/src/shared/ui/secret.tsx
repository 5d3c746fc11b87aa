import { useState } from "react";
import { Dialog } from "./dialog";
import { Icon } from "./icon";
import "./panel.css";

interface Props {
  title: string;
  /** What it is for. */
  about: string;
  secret: string;
  onClose: () => void;
}

/** A secret that is shown this once. */
export function Secret({ title, about, secret, onClose }: Props) {
  const [copied, setCopied] = useState(false);
  const copy = () => navigator.clipboard?.writeText(secret).then(() => setCopied(true));
  return (
    <Dialog label={title} onClose={onClose}>
      <div className="window">
        <h2>{title}</h2>
        <p>{about} It is shown this once: keep it where secrets are kept.</p>
        <div className="secret">
          <code>{secret}</code>
          <button type="button" className="button small" onClick={() => void copy()}>
            <Icon name={copied ? "check" : "copy"} /> {copied ? "Copied" : "Copy"}
          </button>
        </div>
        <div className="ends">
          <button type="button" className="button primary" onClick={onClose}>
            I have kept it
          </button>
        </div>
      </div>
    </Dialog>
  );
}
