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
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from psycopg.rows import dict_row

from tallymark.db import Database
from tallymark.metrics import Catalog, evaluate, plan
from tallymark.model import Question, Tenant

from .plain_question import Asked, plain_arguments, printed, printed_path, questions
from .random_shop import open_shop, random_shop

METRICS = Path(__file__).parents[1] / "metrics"
CATALOG = Catalog.load()
PLAIN = {file.parent.name: file.read_text() for file in METRICS.glob("*/plain.sql")}
LARGEST_SHOP, QUESTIONS, THOROUGH = 24, 100, 2000

Ask = Callable[[Asked], tuple[object, list[dict[str, Any]]]]


@pytest.fixture(scope="module")
def database(postgres, template) -> Iterator[Database]:
    """Holds all the shops, and the plain views beside the tables."""
    with Database(postgres.create(template)) as database:
        with database.owner() as conn:
            conn.execute((METRICS / "plain.sql").read_text())
        yield database
    postgres.drop(database.conninfo)


@pytest.fixture(scope="module")
def ask(database: Database) -> Ask:
    """What the metric gives for a question, and what its plain query does."""
    opened: dict[int, Tenant] = {}

    def answers(asked: Asked) -> tuple[object, list[dict[str, Any]]]:
        if asked.shop not in opened:
            opened[asked.shop] = open_shop(database, f"shop-{asked.shop}", random_shop(asked.shop))
        tenant = opened[asked.shop]
        question = Question(asked.metric.name, asked.platform, asked.params, as_of=asked.as_of)
        with database.connect(tenant.tenant_id, read_only=True) as conn, conn.cursor(row_factory=dict_row) as cursor:
            data = evaluate(conn, plan(CATALOG, question, tenant)).data
            rows = cursor.execute(PLAIN[asked.metric.name], plain_arguments(asked, tenant)).fetchall()
        return data, rows

    return answers


@pytest.mark.parametrize("name", sorted(PLAIN))
def test_metric_gives_what_plain_sql_gives(name: str, ask: Ask, request: pytest.FixtureRequest):
    metric, thorough = CATALOG[name], request.config.getoption("--thorough")
    answers: list[set[str]] = []  # Of each, the columns that hold a figure other than 0.

    @settings(
        max_examples=THOROUGH if thorough else QUESTIONS,
        derandomize=not thorough,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(questions(metric, LARGEST_SHOP))
    def compare(asked: Asked) -> None:
        shop = random_shop(asked.shop)
        note(f"{asked}\n{shop}")
        found, rows = ask(asked)
        expected = printed(rows, metric, shop.currency)
        assert first_difference(found if isinstance(found, list) else [found], expected) is None
        answers.append({column for row in rows for column, value in row.items() if value})

    compare()
    idle = {printed_path(column) for column in metric.columns} - set().union(*answers)
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
