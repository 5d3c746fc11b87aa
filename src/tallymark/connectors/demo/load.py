"""From a seed to a tenant's base tables."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from tallymark import ingest
from tallymark.connectors.demo.shop import Shop
from tallymark.db import Database
from tallymark.ingest import Batch, Counts, Loaded, Progress
from tallymark.model.tenant import Tenant


def generate(
    orders: int, seed: int, until: datetime, months: int = 24, *, timezone: ZoneInfo, currency: str
) -> list[Batch]:
    """The records of a made-up shop: a batch for `shopify`, one for `amazon`, one for the shop as a whole (`store`).

    Exactly `orders` orders, from the first local day of the month `months` months before `until` up to `until`
    (exclusive), which has to know its time zone. The same arguments give the same bytes, on any machine with the
    same DuckDB. Records are made as they are read, each table once, best in the order of the batch.
    """
    return Shop(orders, seed, until, months, timezone, currency).batches()


def load_demo(
    database: Database,
    tenant: Tenant,
    *,
    until: datetime,
    orders: int = 100_000,
    seed: int = 42,
    months: int = 24,
    on_progress: Progress | None = None,
) -> Loaded:
    """Load a made-up shop into a tenant, all or nothing, and say how many records of each kind there are.

    Meant for a tenant that has no records yet: what else it holds stays.
    """
    batches = generate(orders, seed, until, months, timezone=tenant.zone, currency=tenant.currency)
    with database.connect(tenant.tenant_id, statement_timeout=0) as conn:
        return _together(ingest.load(conn, batch, on_progress=on_progress) for batch in batches)


def _together(loads: Iterable[Loaded]) -> Loaded:
    counts: dict[str, Counts] = {}
    for loaded in loads:
        for kind, more in loaded.counts.items():
            so_far = counts.get(kind, Counts(0, 0, 0))
            counts[kind] = Counts(
                so_far.new + more.new, so_far.changed + more.changed, so_far.unchanged + more.unchanged
            )
    return Loaded(counts)
