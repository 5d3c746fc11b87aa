"""A made-up shop, drawn from a seed by DuckDB, some months at a time."""

import shutil
import tempfile
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from tallymark.db import queries
from tallymark.ingest import KINDS, Batch, Table
from tallymark.model import money

STANDING = [
    queries.load("tallymark.connectors.demo", file)
    for file in ("calendar.sql", "catalogue.sql", "people.sql", "business.sql")
]
SALES = queries.load("tallymark.connectors.demo", "sales.sql")
RECORDS = queries.load("tallymark.connectors.demo", "records.sql")

ONCE = {
    "shopify": ("categories", "products", "sales_reps", "inventory_levels", "expenses"),
    "amazon": ("categories", "products", "inventory_levels", "expenses"),
    "store": ("expenses",),
}
MONTHLY = {
    "shopify": ("customers", "orders", "order_items", "refunds", "activity"),
    "amazon": ("customers", "orders", "order_items", "refunds"),
    "store": (),
}

SHOPIFY_SHARE = 0.65
ORDERS_OF_A_CUSTOMER = 4
AVERAGE_ORDER = 8500.0  # in cents; only the expenses lean on it
MOST_ACTIVITY = 600_000
EVENTS_OF_A_VISIT = 2.29
BLOCK = 1 << 18


@dataclass(frozen=True, slots=True)
class Run:
    """Some months of a platform in a row, counted from the opening of the shop, that are made together."""

    platform: str
    first_month: int
    last_month: int


class Shop:
    """The records of a shop that opened `months` whole months ago and has sold until `until`, exclusive.

    The same arguments give the same bytes, on any number of threads. What is made waits in files of a
    temporary folder until it is read, so that memory never holds more than one run of months.
    """

    def __init__(
        self,
        orders: int,
        seed: int,
        until: datetime,
        months: int,
        timezone: ZoneInfo,
        currency: str,
        threads: int | None = None,
    ) -> None:
        if orders < 1 or months < 1:
            raise ValueError("a shop needs at least one order and one month")
        if until.tzinfo is None:
            raise ValueError("until needs a time zone")
        self._folder = Path(tempfile.mkdtemp(prefix="tallymark-demo-"))
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._duck = duckdb.connect(config={"temp_directory": str(self._folder / "spill")})
        if threads:
            self._duck.execute(f"SET threads = {threads:d}")
        self._made: set[Run] = set()
        on_shopify = round(orders * SHOPIFY_SHARE)
        self._orders = {"shopify": on_shopify, "amazon": orders - on_shopify, "store": 0}

        opens = _month_start(until.astimezone(timezone), months)
        sampled = min(1.0, MOST_ACTIVITY / (3 * orders))
        self._set(
            seed=seed,
            platform="store",
            orders=orders,
            **{f"{name}_orders": share for name, share in self._orders.items()},
            timezone=timezone.key,
            currency=currency,
            minor_unit=Decimal("0.01") if money.exponent(currency) else Decimal(1),
            months=months,
            average_order=AVERAGE_ORDER,
            each_buys=ORDERS_OF_A_CUSTOMER,
            first_day=opens.date(),
            opens=opens.astimezone(UTC).replace(tzinfo=None),
            until=until.astimezone(UTC).replace(tzinfo=None),
            sampled=sampled,
            sessions=round(2.84 * orders * sampled / EVENTS_OF_A_VISIT),
            products=min(5000, max(60, round(400 * (orders / 100_000) ** 0.6))),
            sales_reps=min(24, 6 + orders // 50_000),
        )
        for statements in STANDING:
            for statement in statements.values():
                self._duck.execute(statement)

    def batches(self) -> list[Batch]:
        """One batch per platform; each of their tables can be read once."""
        return [self.batch(platform) for platform in ONCE]

    def batch(self, platform: str) -> Batch:
        """The records of one platform."""
        runs = [Run(*run) for run in self._duck.table("runs").order("platform, first_month").fetchall()]
        standing = [self._table(kind, self._standing(platform, kind)) for kind in ONCE[platform]]
        monthly = [
            self._table(kind, self._monthly(run, kind))
            for run in runs
            if run.platform == platform
            for kind in MONTHLY[platform]
        ]
        return Batch(platform, standing + monthly)

    def _table(self, kind: str, chunks: Iterator[bytes]) -> Table:
        return Table(kind, f"demo {kind}", KINDS[kind].column_names, chunks)

    def _standing(self, platform: str, kind: str) -> Iterator[bytes]:
        self._choose(platform)
        yield from _blocks(self._write(kind))

    def _monthly(self, run: Run, kind: str) -> Iterator[bytes]:
        if run not in self._made:
            self._made.add(run)
            self._make(run)
        yield from _blocks(self._file(run, kind))

    def _make(self, run: Run) -> None:
        """Every kind of record of a run at once, whichever is read first."""
        self._choose(run.platform)
        self._set(first_month=run.first_month, last_month=run.last_month)
        for step in SALES.values():
            self._duck.execute(step)
        for kind in MONTHLY[run.platform]:
            self._write(kind).rename(self._file(run, kind))

    def _choose(self, platform: str) -> None:
        self._set(platform=platform, customers=self._orders[platform] / ORDERS_OF_A_CUSTOMER)

    def _write(self, kind: str) -> Path:
        path = self._folder / f"{kind}.csv"
        written = self._duck.sql(RECORDS[kind])
        written.write_csv(str(path), header=False, timestamp_format="%Y-%m-%dT%H:%M:%SZ")
        return path

    def _file(self, run: Run, kind: str) -> Path:
        return self._folder / f"{run.platform} {run.first_month} {kind}.csv"

    def _set(self, **variables: object) -> None:
        for name, value in variables.items():
            self._duck.execute(f"SET VARIABLE {name} = ?", [value])


def _month_start(moment: datetime, months_earlier: int) -> datetime:
    months = moment.year * 12 + moment.month - 1 - months_earlier
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=moment.tzinfo)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block
    path.unlink()
