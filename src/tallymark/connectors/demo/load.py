"""From a seed to a tenant's base tables."""

from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from threading import Barrier, BrokenBarrierError
from zoneinfo import ZoneInfo

from tallymark import ingest
from tallymark.connectors.demo.shop import Shop
from tallymark.db import Database, queries
from tallymark.ingest import Batch, Counts, Loaded, Progress
from tallymark.model import Tenant

SQL = queries.load("tallymark.connectors.demo", "load.sql")

# What is loaded at the same time, so that either takes about as long.
SIDE_BY_SIDE = (("shopify", "store"), ("amazon", "visits"))


def generate(
    orders: int, seed: int, until: datetime, months: int = 24, *, timezone: ZoneInfo, currency: str
) -> list[Batch]:
    """The records of a made-up shop: a batch for `shopify`, one for `amazon`, one for the shop as a whole (`store`),
    and one of what visitors did on the pages of `shopify`.

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
    together = Barrier(len(SIDE_BY_SIDE))

    def load(shop: Shop, parts: Sequence[str]) -> Loaded:
        """Some parts on a connection of their own, committed only once all are loaded."""
        try:
            with database.connect(tenant.tenant_id, statement_timeout=0) as conn:
                loaded = _together(ingest.load(conn, shop.batch(part), on_progress=on_progress) for part in parts)
                together.wait()
            return loaded
        except BaseException:
            together.abort()
            raise

    with ThreadPoolExecutor(len(SIDE_BY_SIDE), thread_name_prefix="demo") as beside:
        making = beside.submit(Shop, orders, seed, until, months, tenant.zone, tenant.currency, threads=1)
        with database.connect(tenant.tenant_id) as conn:
            # Made beforehand, because whoever makes a month keeps others from making it until they commit.
            conn.execute(SQL.ensure_months, {"until": until, "months": months})
        shop = making.result()
        return _together(_first_cause([beside.submit(load, shop, parts) for parts in SIDE_BY_SIDE]))


def _first_cause(loads: list[Future[Loaded]]) -> list[Loaded]:
    """The results; where one failed, what it failed of, rather than that the others had to give up."""
    failed = [failure for load in loads if (failure := load.exception())]
    for failure in failed:
        if not isinstance(failure, BrokenBarrierError):
            raise failure
    return [load.result() for load in loads]


def _together(loads: Iterable[Loaded]) -> Loaded:
    counts: dict[str, Counts] = {}
    for loaded in loads:
        for kind, more in loaded.counts.items():
            so_far = counts.get(kind, Counts(0, 0, 0))
            counts[kind] = Counts(
                so_far.new + more.new, so_far.changed + more.changed, so_far.unchanged + more.unchanged
            )
    return Loaded(counts)
