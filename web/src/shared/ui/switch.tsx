import { useId } from "react";

interface Props<Value extends string> {
  label: string;
  /** Where the options do not say what they are about, the label stands before them. */
  told?: boolean;
  value: Value;
  options: readonly { value: Value; label: string }[];
  onChange: (value: Value) => void;
}

/** A choice of a few, all of them seen at once; the arrow keys move it. */
export function Switch<Value extends string>({ label, told, value, options, onChange }: Props<Value>) {
  const name = useId();
  return (
    <div className="switch" role="radiogroup" aria-label={label}>
      {told && (
        <span className="told" aria-hidden="true">
          {label}
        </span>
      )}
      {options.map((option) => (
        <label key={option.value}>
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          {option.label}
        </label>
      ))}
    </div>
  );
}
