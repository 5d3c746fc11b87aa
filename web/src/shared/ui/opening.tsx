import { type ComponentProps, cloneElement, type ReactElement, type ReactNode, Suspense, useState } from "react";

interface Props {
  button: ReactElement<ComponentProps<"button">>;
  /** What it opens. */
  popup: "menu" | "dialog";
  load: () => Promise<unknown>;
  /** The button and what it opens, open when first drawn. */
  children: ReactNode;
}

/** A button that opens something which is loaded when somebody is about to press it, so that no page waits for it. */
export function Opening({ button, popup, load, children }: Props) {
  const [asked, setAsked] = useState(false);
  const closed = cloneElement(button, {
    "aria-haspopup": popup,
    "aria-expanded": false,
    onPointerEnter: () => void load(),
    onFocus: () => void load(),
    onClick: () => setAsked(true),
    onKeyDown: (event) => {
      if (event.key !== "ArrowDown") return;
      event.preventDefault();
      setAsked(true);
    },
  });
  return asked ? <Suspense fallback={closed}>{children}</Suspense> : closed;
}
