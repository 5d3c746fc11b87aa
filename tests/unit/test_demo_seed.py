"""The made-up shop is made of its seed and nothing else."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tallymark.connectors.demo import generate
from tallymark.connectors.demo.shop import Shop
from tallymark.ingest import Batch, Table

BERLIN = ZoneInfo("Europe/Berlin")
UNTIL = datetime(2025, 6, 15, 14, 23, 11, tzinfo=BERLIN)

Prints = dict[tuple[str, str], str]


def prints(tables: Iterable[tuple[str, Table]]) -> Prints:
    """A fingerprint of all bytes of each platform's kinds."""
    digests: dict[tuple[str, str], hashlib._Hash] = {}
    for platform, table in tables:
        digest = digests.setdefault((platform, table.kind), hashlib.sha256())
        for chunk in table.chunks:
            digest.update(chunk)
    return {key: digest.hexdigest() for key, digest in digests.items()}


def in_order(batches: list[Batch]) -> list[tuple[str, Table]]:
    return [(batch.platform, table) for batch in batches for table in batch.tables]


def of_seed(seed: int, orders: int = 2_000) -> Prints:
    return prints(in_order(generate(orders, seed, UNTIL, timezone=BERLIN, currency="EUR")))


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert of_seed(42) == of_seed(42)


def test_another_seed_gives_other_records_of_every_kind() -> None:
    # What is where in the tree of categories is not drawn by lot.
    one, other = of_seed(1), of_seed(2)
    assert {key for key in one if one[key] == other[key]} == {("shopify", "categories"), ("amazon", "categories")}


def test_the_bytes_do_not_depend_on_how_many_threads_make_them() -> None:
    # DuckDB shares work out by 122,880 rows, so enough orders come in one month.
    alone, shared = (
        prints(in_order(Shop(150_000, 7, UNTIL, 1, BERLIN, "EUR", threads=threads).batches())) for threads in (1, 8)
    )
    assert alone == shared


def test_tables_may_be_read_kind_by_kind() -> None:
    def kind_by_kind(batches: list[Batch]) -> list[tuple[str, Table]]:
        return sorted(in_order(batches), key=lambda table: table[1].kind)

    several_runs = 100_000
    batches = generate(several_runs, 42, UNTIL, timezone=BERLIN, currency="EUR")
    assert len([table for table in batches[0].tables if table.kind == "orders"]) > 1
    assert prints(kind_by_kind(batches)) == of_seed(42, several_runs)


@pytest.mark.parametrize(
    ("orders", "months", "until"), [(0, 24, UNTIL), (100, 0, UNTIL), (100, 24, UNTIL.replace(tzinfo=None))]
)
def test_refuses_what_cannot_be_a_shop(orders: int, months: int, until: datetime) -> None:
    with pytest.raises(ValueError, match="needs"):
        generate(orders, 42, until, months, timezone=BERLIN, currency="EUR")
