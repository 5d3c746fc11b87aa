import { Link } from "@tanstack/react-router";
import { useEvery } from "@/shared/clock";
import { useRest } from "@/shared/rest";
import { formatOf } from "@/shared/session";
import type { Column } from "@/shared/table";
import { Age } from "@/shared/ui/age";
import { Badge } from "@/shared/ui/badge";
import { BigTable } from "@/shared/ui/big-table";
import { Delta } from "@/shared/ui/delta";
import { Panel } from "@/shared/ui/panel";
import { Switch } from "@/shared/ui/switch";
import { useChoice } from "@/shared/view";
import { type Client, HEALTH, healthOf, LISTS, type List, listed } from "./client";
import "./clients.css";

const LOOK = 60;
const COLUMNS: Column<Client>[] = [
  { name: "name", label: "Shop", value: (row) => row.name, drawn: (row) => <ToShop client={row} /> },
  { name: "health", label: "Figures", value: (row) => healthOf(row), drawn: (row) => <Health client={row} /> },
  { name: "checkedAt", label: "Found current", value: (row) => row.checkedAt, drawn: (row) => aged(row.checkedAt) },
  {
    name: "netSales",
    label: "Net sales, 30 days",
    unit: "money",
    value: (row) => row.sales?.netSales,
    drawn: (row) => formatOf(row).figure(row.sales?.netSales, "money"),
  },
  {
    name: "growth",
    label: "Growth",
    unit: "ratio",
    value: (row) => row.sales?.growth,
    drawn: (row) => (row.sales ? <Delta ratio={row.sales.growth} /> : "–"),
  },
  { name: "orders", label: "Orders", unit: "count", value: (row) => row.sales?.orders },
  { name: "currency", label: "Currency", value: (row) => row.currency },
  { name: "timezone", label: "Time zone", value: (row) => row.timezone },
  {
    name: "dataThrough",
    label: "Data through",
    value: (row) => row.dataThrough,
    drawn: (row) => aged(row.dataThrough),
  },
];
const keyOf = ({ slug }: Client) => slug;
const textOf = ({ name, slug, currency, timezone }: Client) => `${name} ${slug} ${currency} ${timezone}`;

/** Every shop of this person at a glance, and the way into each. */
export default function Clients() {
  const clients = useRest<{ data: { clients: Client[] } }>("/api/clients");
  const [list, choose] = useChoice("list", Object.keys(LISTS) as List[], "all");
  useEvery(LOOK, clients.again);
  return (
    <Panel
      title="How your shops stand"
      className="clients"
      of={clients}
      height={480}
      controls={
        <Switch<List>
          label="Which shops"
          value={list}
          options={(Object.keys(LISTS) as List[]).map((value) => ({ value, label: LISTS[value] }))}
          onChange={choose}
        />
      }
      note="Each in its own currency and by its own local days: the 30 days that its last refresh counted, against the 30 before."
    >
      {({ data }) => (
        <BigTable
          caption="How each shop stands"
          each={["shop", "shops"]}
          columns={COLUMNS}
          rows={listed(data.clients, list)}
          keyOf={keyOf}
          textOf={textOf}
          searchLabel="Search shops"
          usualOrder="name"
          height={720}
        />
      )}
    </Panel>
  );
}

function ToShop({ client: { slug, name } }: { client: Client }) {
  return (
    <Link to="/" search={{ tenant: slug } as never} dir="auto" className="called">
      {name}
    </Link>
  );
}

function Health({ client }: { client: Client }) {
  const { mood, name } = HEALTH[healthOf(client)];
  return <Badge mood={mood}>{name}</Badge>;
}

function aged(at: string | null) {
  return at ? <Age at={at} /> : "–";
}
