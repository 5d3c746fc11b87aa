"""Every metric on a world small enough to be worked out by hand: the whole result, through the real path.

A folder `tests/metrics/<metric>/<case>` holds the question and the expected result, and its own `world.sql` where the
shop beside them will not do; a question may also name another of the worlds beside it. A line `-- refreshed <instant>`
in a world is a refresh at that instant.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tallymark import rollups
from tallymark.db import Database
from tallymark.metrics import Catalog, evaluate, plan
from tallymark.model import Question, Tenant, exact_json

WORLDS = Path(__file__).parents[1] / "metrics"
CASES = sorted(file.parent for file in WORLDS.glob("*/*/question.json"))

Open = Callable[[Path], tuple[Database, Tenant]]


@pytest.fixture(scope="module")
def open_world(postgres, template) -> Iterator[Open]:
    """Opens the shop of a world, filled once for all the questions about it."""
    opened: dict[Path, tuple[Database, Tenant]] = {}

    def open_one(world: Path) -> tuple[Database, Tenant]:
        if world not in opened:
            database = Database(postgres.create(template))
            opened[world] = database, fill(database, world.read_text())
        return opened[world]

    yield open_one
    for database, _ in opened.values():
        database.close()
        postgres.drop(database.conninfo)


def fill(database: Database, world: str) -> Tenant:
    """The world's rows arrive in a shop that is open already: as changes, by way of the log."""
    with database.connect(None) as conn:
        (tenant_id,) = conn.execute(
            "INSERT INTO tenants (slug, name, timezone, currency) VALUES ('shop', 'Shop', 'Europe/Berlin', 'EUR')"
            " RETURNING tenant_id"
        ).fetchone()
    tenant = Tenant(tenant_id, "shop", "Shop", "Europe/Berlin", "EUR")
    with database.session(tenant_id) as session:
        for _ in rollups.build(session, tenant):
            pass
        *parts, last = re.split(r"^-- refreshed (\S+)$", world.replace(":tenant", str(tenant_id)), flags=re.MULTILINE)
        for rows, at in [*zip(parts[::2], parts[1::2], strict=True), (last, None)]:
            with session.transaction() as conn:
                conn.execute(rows)
            with session.transaction("repeatable read") as conn:
                as_of = datetime.fromisoformat(at) if at else None
                assert rollups.advance(conn, tenant, as_of=as_of).settled
    return tenant


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name}")
def test_result_is_the_one_worked_out_by_hand(case: Path, open_world: Open):
    asked = exact_json.loads((case / "question.json").read_text())
    own = case / "world.sql"
    database, tenant = open_world(own if own.exists() else WORLDS / asked.get("world", "shop.sql"))
    as_of = datetime.fromisoformat(asked["as_of"])
    question = Question(case.parent.name, asked.get("platform", "all"), asked["params"], as_of=as_of)

    with database.connect(tenant.tenant_id, read_only=True) as conn:
        result = evaluate(conn, plan(Catalog.load(), question, tenant))

    expected = exact_json.loads((case / "expected.json").read_text())
    printed = {"data": result.data, "warnings": [[notice.code, notice.message] for notice in result.warnings]}
    assert exact_json.dumps(printed) == exact_json.dumps(expected)  # As text: 57.0 is not 57.00.


def test_every_metric_has_a_world():
    assert {case.parent.name for case in CASES} == set(Catalog.load())
