"""Partitions are made while everybody else goes on reading and writing."""

import psycopg
import pytest

from tallymark.db import Database


def test_making_months_blocks_no_other_tenant(database: Database, make_tenant) -> None:  # type: ignore[no-untyped-def]
    busy, other = make_tenant("busy"), make_tenant("other")
    with database.connect(other) as conn:
        conn.execute("SELECT ensure_months('2025-01-01', '2025-01-31')")
    with database.connect(busy) as importing, database.connect(other, statement_timeout=60) as conn:
        importing.execute("SELECT ensure_months('2025-02-01', '2026-03-31')")
        conn.execute(
            "INSERT INTO orders (tenant_id, placed_at, platform, order_id) VALUES (%s, '2025-01-05', 'files', 'a')",
            (other,),
        )
        assert conn.execute("SELECT count(*) FROM orders").fetchone() == (1,)


def test_a_month_keeps_its_keys_and_checks(database: Database, make_tenant) -> None:  # type: ignore[no-untyped-def]
    tenant = make_tenant("shop")
    row = (
        "INSERT INTO orders (tenant_id, placed_at, platform, order_id, status)"
        " VALUES (%s, '2025-02-05', 'files', 'a', %s)"
    )
    with database.connect(tenant) as conn:
        conn.execute("SELECT ensure_months('2025-02-01', '2025-02-28'), ensure_months('2025-02-01', '2025-03-01')")
        conn.execute(row, (tenant, "completed"))
    for status, refusal in (("completed", psycopg.errors.UniqueViolation), ("lost", psycopg.errors.CheckViolation)):
        with pytest.raises(refusal), database.connect(tenant) as conn:
            conn.execute(row, (tenant, status))


def test_a_typo_of_a_year_makes_no_thousand_months(database: Database, make_tenant) -> None:  # type: ignore[no-untyped-def]
    with (
        pytest.raises(psycopg.errors.DatetimeFieldOverflow, match="1970 and 2199"),
        database.connect(make_tenant("shop")) as conn,
    ):
        conn.execute("SELECT ensure_months('0205-02-01', '2025-02-28')")
