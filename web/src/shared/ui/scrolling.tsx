import { type CSSProperties, type ReactNode, type RefObject, useEffect, useRef } from "react";

interface Props {
  /** What is in it, for who reaches it by keyboard to scroll. */
  label: string;
  className?: string;
  style?: CSSProperties;
  frame?: RefObject<HTMLElement | null>;
  children: ReactNode;
}

/** What may be wider than its place: it scrolls there, and fades on the side where there is more of it. */
export function Scrolling({ label, className = "", style, frame, children }: Props) {
  const own = useRef<HTMLElement>(null);
  const at = frame ?? own;
  useEffect(() => {
    const element = at.current;
    if (!element) return;
    const look = () => {
      const { scrollLeft, clientWidth, scrollWidth } = element;
      element.dataset.before = String(scrollLeft > 1);
      element.dataset.after = String(scrollLeft + clientWidth < scrollWidth - 1);
    };
    const watching = new ResizeObserver(look);
    for (const one of [element, ...element.children]) watching.observe(one);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      watching.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [at]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
    <section ref={at} className={`table ${className}`} aria-label={label} style={style} tabIndex={0}>
      {children}
    </section>
  );
}
