"""Whatever a shop's rows and whatever is asked: each metric gives what one plain query over the base tables gives.

That query is `tests/metrics/<metric>/plain.sql`. It reads base tables and the views of `tests/metrics/plain.sql`,
never a rollup, and gives the whole result: columns named as printed (a dot nests), rows in order, nothing rounded. Its
placeholders:

    tenant, platform, clock, timezone, currency, as_of
    first, last                 the local days asked for, both inclusive; far away where there is no end
    before_first, before_last   the local days to compare with, likewise; no day at all where nothing is compared
    before_until                the instant at which those end: that of a running window is cut at the same local time
    and every parameter of the metric's own
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, seed, settings
from psycopg import Connection
from psycopg.rows import dict_row

from tallymark.db import Database
from tallymark.metrics import Catalog, evaluate, plan
from tallymark.model import Question, Tenant

from .plain_question import Asked, plain_arguments, printed, printed_path, questions
from .random_shop import open_shop, random_shop

METRICS = Path(__file__).parents[1] / "metrics"
CATALOG = Catalog.load()
PLAIN = {file.parent.name: file.read_text() for file in METRICS.glob("*/plain.sql")}
LARGEST_SHOP, QUESTIONS, THOROUGH = 24, 60, 2000
TURNS = 5
"""How often so many questions are asked at most, until each column has held a figure: what is drawn is another whenever
the program's own numbers are."""

OpenShop = Callable[[int], Tenant]
REPEATABLE: dict[str, Any] = {"database": None, "deadline": None, "suppress_health_check": list(HealthCheck)}


@pytest.fixture(scope="module")
def database(postgres, template) -> Iterator[Database]:
    """Holds all the shops, and the plain views beside the tables."""
    with Database(postgres.create(template)) as database:
        with database.owner() as conn:
            conn.execute((METRICS / "plain.sql").read_text())
        yield database
    postgres.drop(database.conninfo)


@pytest.fixture(scope="module")
def shop(database: Database) -> OpenShop:
    """Opens the shop of a number, once."""
    return cache(lambda number: open_shop(database, f"shop-{number}", random_shop(number)))


@pytest.fixture(scope="module")
def thorough(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--thorough"))


def answer(conn: Connection[Any], asked: Asked, tenant: Tenant) -> Any:
    question = Question(asked.metric.name, asked.platform, asked.params, as_of=asked.as_of)
    return evaluate(conn, plan(CATALOG, question, tenant)).data


# A model that is fitted: held against the published parameters of its data set instead.
FITTED = {"customer_lifetime_value"}


def test_every_metric_has_a_plain_query():
    assert PLAIN.keys() == CATALOG.keys() - FITTED


@pytest.mark.parametrize("name", sorted(PLAIN))
def test_metric_gives_what_plain_sql_gives(name: str, database: Database, shop: OpenShop, thorough: bool):
    metric = CATALOG[name]
    answers: list[set[str]] = []  # Of each, the columns that hold a figure other than 0.

    @settings(max_examples=THOROUGH if thorough else QUESTIONS, derandomize=not thorough, **REPEATABLE)
    @given(questions(metric, LARGEST_SHOP))
    def compare(asked: Asked) -> None:
        note(f"{asked}\n{random_shop(asked.shop)}")
        tenant = shop(asked.shop)
        with database.connect(tenant.tenant_id, read_only=True) as conn, conn.cursor(row_factory=dict_row) as cursor:
            found = answer(conn, asked, tenant)
            rows = cursor.execute(PLAIN[name], plain_arguments(asked, tenant)).fetchall()
        expected = printed(rows, metric, tenant.currency)
        assert first_difference(found if isinstance(found, list) else [found], expected) is None
        answers.append({column for row in rows for column, value in row.items() if value})

    told = {printed_path(column) for column in metric.columns}
    for turn in range(1 if thorough else TURNS):
        (compare if thorough else seed(turn)(compare))()
        idle = told - set().union(*answers)
        if not idle:
            break
    assert not idle, f"always null or 0, so nothing was proved of them: {', '.join(sorted(idle))}"
    telling = sum(map(bool, answers))
    assert telling >= len(answers) / 3, f"only {telling} of {len(answers)} answers had a figure in them"


def first_difference(found: list[Any], expected: list[Any]) -> str | None:
    """Told in few words: a whole table beside another takes longer to print than to compute."""
    for number, (one, other) in enumerate(zip_longest(found, expected)):
        if one != other:
            names = sorted({*(one or {}), *(other or {})})
            sides = {name: ((one or {}).get(name), (other or {}).get(name)) for name in names}
            differ = {name: pair for name, pair in sides.items() if pair[0] != pair[1]}
            return f"row {number}, {one and list(one.values())[:2]}: metric and plain SQL say {differ}"
    return None


def all_rows(_: Any) -> bool:
    return True


def few_days(window: dict[str, str]) -> bool:
    """So few that they may be asked for by the hour."""
    if not window.keys() >= {"from", "to"}:
        return False
    return (date.fromisoformat(window["to"]) - date.fromisoformat(window["from"])).days < 92


# What splits the sales overview up, and which of its rows do.
SPLITS: tuple[tuple[str, dict[str, str], Callable[[Any], bool]], ...] = (
    *(("sales_trends", {"granularity": length}, all_rows) for length in ("hour", "day", "week", "month")),
    *(
        ("margin_analysis", {"group_by": group, "limit": "10000"}, all_rows)
        for group in CATALOG["margin_analysis"].parameters["group_by"].allowed
    ),
    ("daily_summary", {}, all_rows),
    ("platform_comparison", {}, all_rows),
    ("traffic_patterns", {}, all_rows),
    ("revenue_metrics", {}, all_rows),
    ("profitability_metrics", {}, all_rows),
    ("category_breakdown", {}, lambda row: row["depth"] == 0),
)
ADDED = ("grossSales", "discounts", "returns", "netSales", "shipping", "tax", "totalSales", "orders", "units")


def test_every_breakdown_sums_to_the_overview(database: Database, shop: OpenShop, thorough: bool):
    overview, told = CATALOG["sales_overview"], 0

    @settings(max_examples=THOROUGH // 10 if thorough else 30, derandomize=not thorough, **REPEATABLE)
    @given(questions(overview, LARGEST_SHOP))
    def compare(asked: Asked) -> None:
        nonlocal told
        note(f"{asked}\n{random_shop(asked.shop)}")
        tenant = shop(asked.shop)
        window = {name: value for name, value in asked.params.items() if name in ("from", "to", "period", "clock")}
        if not window.keys() & {"from", "period"}:
            window["from"] = str(random_shop(asked.shop).first)  # Not all means the same days where none are asked for.
        with database.connect(tenant.tenant_id, read_only=True) as conn:
            total = answer(conn, replace(asked, params=window), tenant)
            for name, params, belongs in SPLITS:
                if "hour" in params.values() and not few_days(window):
                    continue
                data = answer(conn, replace(asked, metric=CATALOG[name], params=window | params), tenant)
                rows = [row for row in (data if isinstance(data, list) else [data]) if belongs(row)]
                summed = {column: sum(row[column] for row in rows) for column in ADDED if rows and column in rows[0]}
                assert summed == {column: total[column] for column in summed}, (name, params)
        told += total["netSales"] != 0

    compare()
    assert told > 10
