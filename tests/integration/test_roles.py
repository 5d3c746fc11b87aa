import pytest

from tallymark.db import Database, roles
from tallymark.errors import UnsafeRole

LEDGER = """
CREATE TABLE tallymark.ledger (tenant_id int, amount numeric);
GRANT SELECT ON tallymark.ledger TO tallymark_app;
"""
ISOLATED = LEDGER + "SELECT tallymark.isolate_tenant(ARRAY['tallymark.ledger']::regclass[]);"


def check_after(database: Database, change: str) -> None:
    with database.owner() as owner:
        owner.execute(change)
    with database.connect(None) as connection:
        roles.check(connection)


def refusal(database: Database, change: str) -> str:
    with pytest.raises(UnsafeRole) as refused:
        check_after(database, change)
    assert refused.value.hint
    return str(refused.value)


def test_our_own_schema_is_safe(database: Database) -> None:
    check_after(database, "SELECT 1")


def test_a_superuser_is_refused(database: Database) -> None:
    with database.owner() as owner, pytest.raises(UnsafeRole, match="tallymark is a superuser"):
        roles.check(owner)


def test_a_role_that_passes_by_policies_is_refused(database: Database) -> None:
    with database.owner() as owner, owner.transaction(force_rollback=True):
        owner.execute("CREATE ROLE passer_by BYPASSRLS")
        owner.execute("SET LOCAL ROLE passer_by")
        with pytest.raises(UnsafeRole, match="passer_by may bypass row security"):
            roles.check(owner)


def test_an_isolated_table_is_safe(database: Database) -> None:
    check_after(database, ISOLATED)


def test_a_table_without_row_security_is_refused(database: Database) -> None:
    assert refusal(database, LEDGER) == ("Row security is not enabled and forced, with a policy, on ledger.")


@pytest.mark.parametrize(
    "undone",
    [
        "ALTER TABLE tallymark.ledger NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE tallymark.ledger DISABLE ROW LEVEL SECURITY",
        "DROP POLICY one_tenant ON tallymark.ledger",
    ],
)
def test_half_a_protection_is_refused(database: Database, undone: str) -> None:
    assert "on ledger." in refusal(database, ISOLATED + undone)


def test_a_table_the_role_owns_is_refused(database: Database) -> None:
    change = ISOLATED + "ALTER TABLE tallymark.ledger OWNER TO tallymark_app"
    assert refusal(database, change) == ("The database role tallymark_app owns or may act as the owner of ledger.")


PARTITIONED = """
CREATE TABLE tallymark.sales (tenant_id int, day date) PARTITION BY RANGE (day);
SELECT tallymark.isolate_tenant(ARRAY['tallymark.sales']::regclass[]);
CREATE TABLE tallymark.sales_2024 PARTITION OF tallymark.sales
    FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
"""


def test_a_partition_is_judged_with_its_parent(database: Database) -> None:
    check_after(database, PARTITIONED)


def test_a_partition_that_may_be_named_directly_needs_its_own(database: Database) -> None:
    assert "on sales_2024." in refusal(database, PARTITIONED + "GRANT SELECT ON tallymark.sales_2024 TO tallymark_app")


def test_a_view_with_its_owners_eyes_is_refused(database: Database) -> None:
    view = "CREATE VIEW tallymark.peek{} AS SELECT * FROM tallymark.ledger; "
    grant = "GRANT SELECT ON tallymark.peek TO tallymark_app;"
    assert "through peek." in refusal(database, ISOLATED + view.format("") + grant)
    check_after(database, "ALTER VIEW tallymark.peek SET (security_invoker = true)")


def test_a_materialised_view_must_not_be_granted(database: Database) -> None:
    view = "CREATE MATERIALIZED VIEW tallymark.still AS SELECT * FROM tallymark.ledger;"
    check_after(database, ISOLATED + view)
    assert "through still." in refusal(database, "GRANT SELECT ON tallymark.still TO tallymark_app")
