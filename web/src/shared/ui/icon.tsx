/** Our own signs, drawn on a grid of 16. */
const PATHS = {
  overview: "M2 2h5v6H2zM9 2h5v4H9zM9 8h5v6H9zM2 10h5v4H2z",
  sales: "M2 13 6 8l3 3 5-7M10.5 4H14v3.5",
  products: "M8 1.5 14 5v6l-6 3.5L2 11V5zM2 5l6 3.5L14 5M8 8.5V14.5",
  customers:
    "M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM1.5 13.5a4.5 4.5 0 0 1 9 0M11 3a2.3 2.3 0 0 1 0 4.4M12 9.3a4.3 4.3 0 0 1 2.5 4.2",
  profitability:
    "M8 1.5v13M11.5 4.5C10.5 3.5 9.3 3.2 8 3.2c-2 0-3.3.9-3.3 2.3C4.7 8.8 11.6 7 11.6 10.5c0 1.4-1.5 2.3-3.6 2.3-1.5 0-2.9-.5-3.8-1.5",
  inventory: "M1.5 6.5 8 2l6.5 4.5v7.5h-13zM4.5 14V9h7v5M4.5 11.5h7",
  activity: "M1.5 8h3l2-5 3 10 2-5h3",
  columns: "M2 3h12v10H2zM6 3v10M10 3v10",
  refresh: "M13.5 8a5.5 5.5 0 1 1-1.6-3.9M13.5 2v3h-3",
  calendar: "M2 4h12v10H2zM2 7h12M5 2v3M11 2v3",
  down: "m4 6 4 4 4-4",
  up: "m4 10 4-4 4 4",
  left: "m10 4-4 4 4 4",
  right: "m6 4 4 4-4 4",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  search: "M7 2a5 5 0 1 0 0 10A5 5 0 0 0 7 2zM11 11l3 3",
  sun: "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1",
  moon: "M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7z",
  system: "M2 3h12v8H2zM6 14h4M8 11v3",
  check: "m3 8.5 3.5 3.5L13 4.5",
  shop: "M2 6 3 2h10l1 4M2 6h12M2 6a2 2 0 0 0 4 0 2 2 0 0 0 4 0 2 2 0 0 0 4 0M3 8v6h10V8M7 14v-3h2v3",
  table: "M2 3h12v10H2zM2 6.5h12M2 10h12M6.5 3v10",
  chart: "M2 13h12M4 10V7M8 10V3M12 10V5",
  person: "M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2.5 14a5.5 5.5 0 0 1 11 0",
  warning: "M8 2 1.5 13.5h13zM8 6.5v3M8 11.6v.01",
  menu: "M2 4h12M2 8h12M2 12h12",
  compare: "M2 5h9M8 2l3 3-3 3M14 11H5M8 8l-3 3 3 3",
  link: "M6.5 9.5 9.5 6.5M7.5 4l1-1a3.2 3.2 0 0 1 4.5 4.5l-1 1M8.5 12l-1 1A3.2 3.2 0 0 1 3 8.5l1-1",
  fresh: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 4.5v4l2.5 1.5",
  jobs: "M2 4h7M2 8h12M2 12h7M12 2.5v3M12 10.5v3",
  settings: "M2 5h6M12 5h2M2 11h2M8 11h6M10 3a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM6 9a2 2 0 1 0 0 4 2 2 0 0 0 0-4z",
  gauge: "M2 12.5a6.5 6.5 0 1 1 12 0M8 11l3-4",
  clients: "M2 2.5h5v5H2zM9 2.5h5v5H9zM2 9.5h5v4H2zM9 9.5h5v4H9z",
  add: "M8 3v10M3 8h10",
  copy: "M6 6h8v8H6zM10 6V2H2v8h4",
  play: "M5 3v10l8-5z",
  stop: "M4 4h8v8H4z",
  bring: "M8 2v8M4.5 6.5 8 10l3.5-3.5M2 10.5V14h12v-3.5",
  file: "M4 1.5h5L12.5 5v9.5H4zM9 1.5V5h3.5",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
