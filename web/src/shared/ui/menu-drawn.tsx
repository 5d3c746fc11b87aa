import * as Dropdown from "@radix-ui/react-dropdown-menu";
import type { ReactNode } from "react";
import { Icon } from "./icon";

/** It opens where it is drawn first, and never locks the page behind it. */
export function Menu({
  button,
  children,
  align = "end",
}: {
  button: ReactNode;
  children: ReactNode;
  align?: "start" | "end";
}) {
  return (
    <Dropdown.Root modal={false} defaultOpen>
      <Dropdown.Trigger asChild>{button}</Dropdown.Trigger>
      <Dropdown.Portal>
        <Dropdown.Content className="floating" align={align} sideOffset={6} collisionPadding={8}>
          {children}
        </Dropdown.Content>
      </Dropdown.Portal>
    </Dropdown.Root>
  );
}

export function MenuItem({ onSelect, children }: { onSelect: () => void; children: ReactNode }) {
  return (
    <Dropdown.Item className="choice" onSelect={onSelect}>
      {children}
    </Dropdown.Item>
  );
}

export function MenuTitle({ children }: { children: ReactNode }) {
  return <Dropdown.Label className="choices-title">{children}</Dropdown.Label>;
}

export interface Choices<Value extends string> {
  value: Value;
  options: readonly { value: Value; label: ReactNode; note?: ReactNode }[];
  onChange: (value: Value) => void;
}

export function MenuChoices<Value extends string>({ value, options, onChange }: Choices<Value>) {
  return (
    <Dropdown.RadioGroup value={value} onValueChange={(chosen) => onChange(chosen as Value)}>
      {options.map((option) => (
        <Dropdown.RadioItem key={option.value} value={option.value} className="choice">
          {option.label}
          {option.note}
        </Dropdown.RadioItem>
      ))}
    </Dropdown.RadioGroup>
  );
}

export interface Checks<Value extends string> {
  options: readonly { value: Value; label: ReactNode }[];
  chosen: readonly Value[];
  onChange: (values: Value[]) => void;
}

/** Any of these; the list stays open while one chooses. */
export function MenuChecks<Value extends string>({ options, chosen, onChange }: Checks<Value>) {
  return options.map(({ value, label }) => (
    <Dropdown.CheckboxItem
      key={value}
      className="choice"
      checked={chosen.includes(value)}
      onSelect={(event) => event.preventDefault()}
      onCheckedChange={(on) => onChange(on ? [...chosen, value] : chosen.filter((one) => one !== value))}
    >
      <span className="mark" aria-hidden="true">
        <Dropdown.ItemIndicator>
          <Icon name="check" />
        </Dropdown.ItemIndicator>
      </span>
      {label}
    </Dropdown.CheckboxItem>
  ));
}
