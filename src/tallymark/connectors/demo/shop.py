"""A made-up shop, drawn from a seed by DuckDB, some months at a time."""

import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
from duckdb import DuckDBPyConnection

from tallymark.db import queries
from tallymark.ingest import KINDS, Batch, Table
from tallymark.model import money

STANDING = [
    queries.load("tallymark.connectors.demo", file)
    for file in ("calendar.sql", "catalogue.sql", "people.sql", "business.sql")
]
SALES = queries.load("tallymark.connectors.demo", "sales.sql")
RECORDS = queries.load("tallymark.connectors.demo", "records.sql")

VISITS = queries.load("tallymark.connectors.demo", "visits.sql")


@dataclass(frozen=True, slots=True)
class Part:
    """Records that make one batch: of kinds that are written once, and of kinds that are made some months at a time."""

    platform: str
    once: tuple[str, ...] = ()
    monthly: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()


PARTS = {
    "shopify": Part(
        "shopify",
        ("categories", "products", "sales_reps", "inventory_levels", "expenses"),
        ("customers", "orders", "order_items", "refunds"),
        tuple(SALES.values()),
    ),
    "amazon": Part(
        "amazon",
        ("categories", "products", "inventory_levels", "expenses"),
        ("customers", "orders", "order_items", "refunds"),
        tuple(SALES.values()),
    ),
    "store": Part("store", ("expenses",)),
    "visits": Part("shopify", (), ("activity",), (SALES.placed, SALES.registered, *VISITS.values())),
}

SHOPIFY_SHARE = 0.65
ORDERS_OF_A_CUSTOMER = 4
AVERAGE_ORDER = 8500.0  # in cents; only the expenses lean on it
CONVERSION = 0.05
TRACKED_DAYS = 30
MOST_ACTIVITY = 600_000
EVENTS_OF_A_VISIT = 1.9
BLOCK = 1 << 18


@dataclass(frozen=True, slots=True)
class Run:
    """Some months of a part in a row, counted from the opening of the shop, that are made together."""

    part: str
    first_month: int
    last_month: int


class Shop:
    """The records of a shop that opened `months` whole months ago and has sold until `until`, exclusive.

    The same arguments give the same bytes, on any number of threads. What is made waits in files of a
    temporary folder until it is read, so that memory never holds more than one run of months of each part.
    Parts may be read side by side.
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
        on_shopify = round(orders * SHOPIFY_SHARE)
        self._made: set[Run] = set()
        self._orders = {"shopify": on_shopify, "amazon": orders - on_shopify, "store": 0}

        opens = _month_start(until.astimezone(timezone), months)
        self._variables: dict[str, object] = dict(
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
            conversion=CONVERSION,
            tracked_days=TRACKED_DAYS,
            most_visits=MOST_ACTIVITY / EVENTS_OF_A_VISIT,
            products=min(5000, max(60, round(400 * (orders / 100_000) ** 0.6))),
            sales_reps=min(24, 6 + orders // 50_000),
        )
        _set(self._duck, self._variables)
        for statements in STANDING:
            for statement in statements.values():
                self._duck.execute(statement)

    def batches(self) -> list[Batch]:
        """One batch per part; each of their tables can be read once."""
        return [self.batch(part) for part in PARTS]

    def batch(self, name: str) -> Batch:
        """The records of one part."""
        part, duck = PARTS[name], self._duck.cursor()
        customers = self._orders[part.platform] / ORDERS_OF_A_CUSTOMER
        _set(duck, self._variables | {"platform": part.platform, "customers": customers})
        runs = [Run(*run) for run in duck.table("runs").order("part, first_month").fetchall() if run[0] == name]
        once = [_table(kind, self._once(duck, name, kind)) for kind in part.once]
        monthly = [_table(kind, self._monthly(duck, run, kind)) for run in runs for kind in part.monthly]
        return Batch(part.platform, once + monthly)

    def _once(self, duck: DuckDBPyConnection, part: str, kind: str) -> Iterator[bytes]:
        yield from _blocks(_written(duck, kind, self._folder / f"{part} {kind}.csv"))

    def _monthly(self, duck: DuckDBPyConnection, run: Run, kind: str) -> Iterator[bytes]:
        if run not in self._made:
            self._made.add(run)
            self._make(duck, run)
        yield from _blocks(self._file(run, kind))

    def _make(self, duck: DuckDBPyConnection, run: Run) -> None:
        """Every kind of record of a run at once, whichever is read first."""
        _set(duck, {"first_month": run.first_month, "last_month": run.last_month})
        part = PARTS[run.part]
        for step in part.steps:
            duck.execute(step)
        for kind in part.monthly:
            _written(duck, kind, self._file(run, kind))

    def _file(self, run: Run, kind: str) -> Path:
        return self._folder / f"{run.part} {run.first_month} {kind}.csv"


def _set(duck: DuckDBPyConnection, variables: Mapping[str, object]) -> None:
    for name, value in variables.items():
        duck.execute(f"SET VARIABLE {name} = ?", [value])


def _table(kind: str, chunks: Iterator[bytes]) -> Table:
    return Table(kind, f"demo {kind}", KINDS[kind].column_names, chunks)


def _written(duck: DuckDBPyConnection, kind: str, path: Path) -> Path:
    duck.sql(RECORDS[kind]).write_csv(str(path), header=False, timestamp_format="%Y-%m-%dT%H:%M:%SZ")
    return path


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block
    path.unlink()


def _month_start(moment: datetime, months_earlier: int) -> datetime:
    months = moment.year * 12 + moment.month - 1 - months_earlier
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=moment.tzinfo)
