import { type ComponentProps, lazy, type ReactElement, type ReactNode } from "react";
import type { Checks, Choices } from "./menu-drawn";
import { Opening } from "./opening";

const load = () => import("./menu-drawn");
const Drawn = lazy(() => load().then(({ Menu }) => ({ default: Menu })));
const AnyChoices = lazy(() => load().then(({ MenuChoices }) => ({ default: MenuChoices<string> })));
const AnyChecks = lazy(() => load().then(({ MenuChecks }) => ({ default: MenuChecks<string> })));
export const MenuItem = lazy(() => load().then((drawn) => ({ default: drawn.MenuItem })));
export const MenuTitle = lazy(() => load().then((drawn) => ({ default: drawn.MenuTitle })));

interface Props {
  button: ReactElement<ComponentProps<"button">>;
  children: ReactNode;
  align?: "start" | "end";
}

/** A button that opens a list of things to do or to choose from. */
export function Menu({ button, children, align = "end" }: Props) {
  return (
    <Opening button={button} popup="menu" load={load}>
      <Drawn button={button} align={align}>
        {children}
      </Drawn>
    </Opening>
  );
}

export function MenuChoices<Value extends string>(props: Choices<Value>) {
  return <AnyChoices {...(props as unknown as Choices<string>)} />;
}

/** Any of these; the list stays open while one chooses. */
export function MenuChecks<Value extends string>(props: Checks<Value>) {
  return <AnyChecks {...(props as unknown as Checks<string>)} />;
}
