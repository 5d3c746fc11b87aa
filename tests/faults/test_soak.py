"""Writers, a refresher and a checker that really run at once: at every check, in one snapshot, all is exact."""

import random
import threading
import time
from collections import Counter
from typing import Any

import pytest
from psycopg import errors
from tests.properties.recount import base, differences, recount, stored
from tests.properties.work import INSTANTS, PUT_EXPENSE, PUT_LINE, PUT_ORDER, PUT_REFUND
from tests.properties.world import open_shop

from tallymark import rollups
from tallymark.changes import purge
from tallymark.db import Database
from tallymark.model import Tenant

SECONDS, THOROUGH = 8.0, 300.0
PATIENCE = 120.0
"""Seconds more for a machine on which too little has happened by then."""
WRITERS = 5
ENOUGH = ("commits", "rollbacks", "checks", "purged", "steps that left more")
CONFLICTS = (errors.LockNotAvailable, errors.DeadlockDetected, errors.UniqueViolation, errors.SerializationFailure)


def write(conn: Any, dice: random.Random) -> None:
    """One statement, or a few that belong together."""
    where, number, at = dice.choice(["amazon", "shopify"]), str(dice.randrange(40)), dice.choice(INSTANTS)
    who, money = dice.choice([None, "c1", "c2", "c3", "c4"]), str(dice.randrange(0, 3000) / 100)
    match dice.randrange(10):
        case 0 | 1 | 2:
            status = dice.choice(["completed"] * 5 + ["cancelled"])
            conn.execute(PUT_ORDER, (at, where, number, status, who, "r1", None, None, money, "1", None))
            conn.execute(PUT_LINE, ("a", "p1", dice.randrange(5), "9.99", "3", "0.1", "0.2", where, number))
        case 3:
            conn.execute(PUT_LINE, ("b", "p2", dice.randrange(5), money, None, "0", "0", where, number))
        case 4:
            conn.execute(
                "UPDATE orders SET customer_id = %s WHERE platform = %s AND order_id = %s", (who, where, number)
            )
        case 5:
            for table in ("order_items", "orders"):
                statement = f"UPDATE {table} SET placed_at = %s WHERE platform = %s AND order_id = %s"
                conn.execute(statement, (at, where, number))
        case 6:
            for table in ("order_items", "orders"):
                conn.execute(f"DELETE FROM {table} WHERE platform = %s AND order_id = %s", (where, number))
        case 7:
            refund = str(dice.randrange(10))
            conn.execute(PUT_REFUND, (where, refund, dice.choice(["", "a"]), number, None, None, at, 1, money))
        case 8:
            conn.execute(PUT_EXPENSE, (where, str(dice.randrange(5)), at, "ads", money))
        case 9:
            conn.execute(
                "UPDATE orders SET discount = %s WHERE platform = %s AND order_id < %s", (money, where, number)
            )


def check(conn: Any, tenant: Tenant) -> int:
    found = stored(conn, tenant.tenant_id)
    expected = recount(base(conn, tenant.tenant_id), tenant.zone, tenant.currency)
    assert not differences(found, expected)
    return sum(map(len, found.values()))


@pytest.mark.timeout(900)
def test_all_at_once(database: Database, request: pytest.FixtureRequest) -> None:
    tenant = open_shop(database, timezone="America/New_York", currency="USD")
    with database.session(tenant.tenant_id) as session:
        for _ in rollups.build(session, tenant):
            pass
    over, did, failures = threading.Event(), Counter[str](), []

    def writer(seed: int) -> None:
        dice = random.Random(seed)
        while not over.is_set():
            try:
                with database.connect(tenant.tenant_id) as conn:
                    conn.execute("SET LOCAL lock_timeout = '100ms'")
                    for _ in range(dice.choice([1, 1, 2, 5])):
                        write(conn, dice)
                        if dice.random() < 0.3:
                            time.sleep(dice.random() * 0.03)
                    if dice.random() < 0.1:
                        raise ZeroDivisionError
                did["commits"] += 1
            except ZeroDivisionError:
                did["rollbacks"] += 1
            except CONFLICTS:
                did["conflicts"] += 1
            except Exception as failed:
                failures.append(failed)
                over.set()

    threads = [threading.Thread(target=writer, args=(seed,)) for seed in range(WRITERS)]
    for thread in threads:
        thread.start()
    dice = random.Random(99)
    ends = time.monotonic() + (THOROUGH if request.config.getoption("--thorough") else SECONDS)
    latest = ends + PATIENCE
    try:
        while not over.is_set() and time.monotonic() < (ends if min(did[what] for what in ENOUGH) > 2 else latest):
            most = dice.choice([1, 3, 10, 1000])
            with database.connect(tenant.tenant_id, isolation="repeatable read") as conn:
                did["steps that left more"] += not rollups.advance(conn, tenant, most=most).settled
                did["steps"] += 1
            if dice.random() < 0.3:
                with database.connect(tenant.tenant_id) as conn:
                    did["purged"] += purge(conn, tenant.tenant_id)
            if dice.random() < 0.1:
                with database.connect(tenant.tenant_id, isolation="repeatable read") as conn:
                    while not rollups.advance(conn, tenant).settled:
                        pass
                    did["rows checked"] += check(conn, tenant)
                    did["checks"] += 1
    finally:
        over.set()
        for thread in threads:
            thread.join()
    print("\n" + ", ".join(f"{number:,} {what}" for what, number in sorted(did.items())))
    assert not failures
    assert min(did[what] for what in ENOUGH) > 2
    with database.connect(tenant.tenant_id, isolation="repeatable read") as conn:
        assert rollups.verify(conn, tenant).ok
        while not rollups.advance(conn, tenant).settled:
            pass
        check(conn, tenant)
