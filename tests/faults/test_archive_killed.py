"""kill -9 in the middle of archiving and of the way back: nothing is lost or there twice, and the next run ends it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.properties.world import assert_exact, open_shop, place

from tallymark.db import Database
from tallymark.metrics import Catalog
from tallymark.tasks import archive_orders, check_integrity, refresh, restore_orders

# A child for each attempt, forked from a process that has loaded what it needs. It kills itself when it comes to a
# step: a statement that it is about to run, or one of the ways in which a file is touched.
PROGRAM = """
import json, os, signal, sys
from datetime import datetime
from pathlib import Path
from tallymark.archive import file, lines
from tallymark.db import Database
from tallymark.model import Tenant
from tallymark.tasks import archive_orders, restore_orders

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

class Deadly:
    def __init__(self, whole, step):
        self.whole, self.step = whole, step
    def __getattr__(self, name):
        return die() if name == self.step else getattr(self.whole, name)

def attempt(conninfo, folder, tenant, before, step):
    match step:
        case "half a file":
            add, rows = file.Digest.add, iter(range(10))
            file.Digest.add = lambda digest, row: die() if next(rows) == 9 else add(digest, row)
        case "a file not yet in its place":
            file._flush = die
        case "a file still there":
            Path.unlink = die
        case _:
            lines.SQL = Deadly(lines.SQL, step)
    with Database(conninfo, archive_folder=Path(folder)) as database:
        if before is None:
            restore_orders(database, Tenant(*tenant))
        else:
            archive_orders(database, Tenant(*tenant), datetime.fromisoformat(before))

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        attempt(**json.loads(line))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
FEW = Catalog([Catalog.load()["net_revenue"]])
APRIL = datetime(2025, 4, 1, tzinfo=UTC)
OUT = ("lines", "half a file", "a file not yet in its place", "remove", "note")
BACK = ("copy_incoming", "put_back", "forget", "a file still there")


@pytest.fixture(scope="module")
def program() -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    yield process
    process.kill()
    process.communicate()


def test_killed_while_lines_are_archived_and_brought_back(
    database: Database, program: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    database.archive_folder = tmp_path
    tenant = open_shop(database)
    with database.connect(tenant.tenant_id) as conn:
        place(conn, range(60))
    refresh(database, FEW, tenant, triggered_by="test")

    def killed_at(step: str, before: datetime | None) -> int:
        assert program.stdin is not None
        assert program.stdout is not None
        parts = {
            "conninfo": database.conninfo, "folder": str(tmp_path), "step": step,
            "tenant": [tenant.tenant_id, tenant.slug, tenant.name, tenant.timezone, tenant.currency],
            "before": before and before.isoformat(),
        }  # fmt: skip
        print(json.dumps(parts), file=program.stdin, flush=True)
        return int(program.stdout.readline())

    def where() -> tuple[int, int]:
        """How many lines are stored, and how many are archived; together they are always all."""
        with database.connect(tenant.tenant_id) as conn:
            row = conn.execute(
                "SELECT (SELECT count(*) FROM order_items), (SELECT coalesce(sum(lines), 0)::integer FROM archives)"
            ).fetchone()
        assert row is not None
        return row[0], row[1]

    every = where()[0]
    for step in OUT:
        assert killed_at(step, APRIL) == -9, step
        assert where() == (every, 0), step
    archive_orders(database, tenant, APRIL)
    left = where()[0]
    assert where() == (left, every - left)
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == [
        f"2025-0{month}.order_items.parquet" for month in (1, 2, 3)
    ]
    assert check_integrity(database, FEW, tenant).ok
    for step in BACK:
        assert killed_at(step, None) == -9, step
        assert sum(where()) == every, step
    restore_orders(database, tenant)
    assert where() == (every, 0)
    assert_exact(database, tenant)
