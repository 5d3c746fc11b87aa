"""A shop to measure on, and the clock to measure with."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from tallymark.db import Database, embedded, migrations
from tallymark.db.directory import create_tenant
from tallymark.db.queries import Queries
from tallymark.metrics import Catalog
from tallymark.model import Tenant
from tallymark.tasks import Outcome, refresh

HERE = Path(__file__).parent
WORLD = Queries((HERE / "world.sql").read_text("utf-8"), "world.sql")
NOW = datetime(2026, 10, 31, 12, tzinfo=UTC)


@dataclass
class World:
    """A tenant with so many orders over two years, refreshed as if it were `as_of`; None is the clock's own time."""

    database: Database
    catalog: Catalog
    tenant: Tenant
    orders: int
    as_of: datetime | None = NOW

    def refresh(self) -> float:
        """One refresh until nothing of it is left to do, in seconds."""
        return self.timed_refresh()[1]

    def timed_refresh(self) -> tuple[float, float]:
        """Seconds until the new version can be read, and until every answer that is kept ready is."""
        began, published = time.perf_counter(), [0.0]

        def note(_: Outcome) -> None:
            published[0] = time.perf_counter() - began

        refresh(self.database, self.catalog, self.tenant, triggered_by="benchmark", as_of=self.as_of, on_published=note)
        return published[0], time.perf_counter() - began

    def touch(self, keys: list[str]) -> None:
        """Changes the first line of each of these orders, in one transaction."""
        with self.database.connect(self.tenant.tenant_id, statement_timeout=0) as conn:
            conn.execute(
                "UPDATE order_items i SET quantity = i.quantity + 1 FROM orders o"
                " WHERE o.tenant_id = %(tenant)s AND o.order_id = ANY(%(keys)s) AND i.tenant_id = o.tenant_id"
                " AND i.placed_at = o.placed_at AND i.platform = o.platform AND i.order_id = o.order_id"
                " AND i.line_id = '1'",
                {"tenant": self.tenant.tenant_id, "keys": keys},
            )

    def spread(self, count: int, turn: int) -> list[str]:
        """`count` orders, evenly over the two years; another `turn`, others."""
        step = self.orders / count
        return [str(1 + int(n * step + turn) % self.orders) for n in range(count)]

    def recent(self, count: int, turn: int) -> list[str]:
        """`count` orders of the last month."""
        month = self.orders // 24
        return [str(self.orders - (n * max(1, month // count) + turn) % month) for n in range(count)]


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def median_of(times: int, work: Callable[[int], float]) -> float:
    return median(work(turn) for turn in range(times))


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def say(text: str) -> None:
    print(text, flush=True)


@contextmanager
def empty(home: Path) -> Iterator[Database]:
    """A database as the demo has it: embedded, tuned, durable. It is stopped before its folder may go."""
    home.mkdir(parents=True, exist_ok=True)
    try:
        with Database(embedded.ensure(home)) as database:
            with database.owner() as conn:
                migrations.apply(conn)
            yield database
    finally:
        embedded.leave(home)


def fill(database: Database, slug: str, orders: int) -> Tenant:
    """Writes the shop's records; nothing is refreshed yet."""
    with database.owner() as conn:
        tenant = create_tenant(conn, slug, slug.title(), "Europe/London", "GBP")
        conn.execute("SELECT ensure_months('2024-10-31', '2026-12-31')")
        for name in WORLD:
            conn.execute(WORLD[name], {"tenant": tenant.tenant_id, "orders": orders})
        conn.execute(
            "VACUUM (ANALYZE) orders, order_items, refunds, expenses, products, customers, inventory_levels, activity"
        )
    return tenant
