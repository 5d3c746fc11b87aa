import { Switch } from "./switch";

interface Props<Figure extends string> {
  figures: Readonly<Record<Figure, { label: string }>>;
  value: Figure;
  onChange: (figure: Figure) => void;
}

/** Which of several figures a chart shows. */
export function FigureSwitch<Figure extends string>({ figures, value, onChange }: Props<Figure>) {
  const options = (Object.keys(figures) as Figure[]).map((figure) => ({ value: figure, label: figures[figure].label }));
  return <Switch label="Figure" value={value} options={options} onChange={onChange} />;
}
