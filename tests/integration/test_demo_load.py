"""The made-up shop goes through the same door as everybody's records."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from tallymark.connectors.demo import generate, load_demo
from tallymark.db import Database
from tallymark.ingest import KINDS, Counts
from tallymark.model.tenant import Tenant

UNTIL = datetime(2025, 6, 15, 14, 23, 11, tzinfo=ZoneInfo("Europe/Berlin"))
ORDERS = 1_000


def rows_made(tenant: Tenant) -> dict[str, int]:
    made = dict.fromkeys(KINDS, 0)
    for batch in generate(ORDERS, 42, UNTIL, timezone=tenant.zone, currency=tenant.currency):
        for table in batch.tables:
            made[table.kind] += sum(chunk.count(b"\n") for chunk in table.chunks)
    return made


def test_every_record_is_taken_and_a_second_load_changes_nothing(
    database: Database, make_tenant: Callable[..., int]
) -> None:
    tenant = Tenant(make_tenant("demo", "Europe/Berlin", "EUR"), "demo", "Demo", "Europe/Berlin", "EUR")
    made = rows_made(tenant)
    told: list[str] = []

    first = load_demo(database, tenant, orders=ORDERS, until=UNTIL, on_progress=lambda what, _: told.append(what))
    again = load_demo(database, tenant, orders=ORDERS, until=UNTIL)

    assert made.pop("exchange_rates") == 0, "it sells in one currency"
    assert first.counts == {kind: Counts(rows, 0, 0) for kind, rows in made.items()}
    assert again.counts == {kind: Counts(0, 0, rows) for kind, rows in made.items()}
    assert made["orders"] == ORDERS
    assert told
    with database.connect(tenant.tenant_id) as conn:
        stored = {kind: conn.execute(f"SELECT count(*) FROM {kind}").fetchall()[0][0] for kind in made}
    assert stored == made
