"""The two-hour cycle and the wake-ups: who is found to wait, what each costs, and that nothing is forgotten."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from tests.conftest import Server
from tests.properties.world import assert_exact, open_shop, place

from tallymark.connectors import Vault, connect, folder_settings
from tallymark.db import Database, migrations
from tallymark.errors import RefreshFailed, SourceFailed
from tallymark.metrics import Catalog
from tallymark.model import Tenant
from tallymark.settings import Settings
from tallymark.tasks import Work, clients, cycle, find_job, ledger, records, refresh, serve, take_on, wake, watch

VAULT = Vault("k" * 32)
# A few metrics of each kind do: what is refreshed is not the subject here.
BUILT_IN = Catalog(Catalog.load()[name] for name in ("net_revenue", "sales_overview", "sku_analysis"))


@pytest.fixture
def fed(database: Database) -> Tenant:
    return stocked(database, "fed")


@pytest.fixture
def shops(database: Database, fed: Tenant) -> list[Tenant]:
    """Three shops: `fed` and `quiet` with figures, `slow` with neither orders nor figures."""
    return [fed, stocked(database, "quiet"), open_shop(database, "slow")]


def stocked(database: Database, slug: str) -> Tenant:
    """A shop with a few orders, refreshed."""
    tenant = open_shop(database, slug)
    with database.connect(tenant.tenant_id) as conn:
        place(conn, range(5))
        conn.execute(
            "INSERT INTO products (tenant_id, platform, product_id)"
            " SELECT current_tenant(), 'shopify', 'p' || n FROM generate_series(1, 2) n"
        )
    refresh(database, BUILT_IN, tenant, triggered_by="test")
    return tenant


def one(database: Database, tenant: Tenant, query: str) -> Any:
    with database.connect(tenant.tenant_id) as conn:
        row = conn.execute(query).fetchone()
    return row and (row[0] if len(row) == 1 else row)


def runs(database: Database, tenant: Tenant) -> Any:
    return one(database, tenant, "SELECT count(*) FROM analytics_metadata")


def waits(database: Database) -> dict[str, tuple[bool, bool]]:
    with database.connect(None) as conn:
        return {client.tenant.slug: (client.changed, client.moved) for client in clients(conn)}


def feed(database: Database, tenant: Tenant, folder: Path, orders: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "orders.csv").write_text(orders)
    with database.connect(tenant.tenant_id) as conn:
        connect(conn, tenant, "till", "folder", folder_settings(folder), by="me", vault=VAULT)


def test_only_whose_figures_wait_are_refreshed(database: Database, shops: list[Tenant], tmp_path: Path) -> None:
    fed, quiet, slow = shops
    feed(database, fed, tmp_path / "fed", "order_id,placed_at\nt1,2025-06-01\n")
    feed(database, slow, tmp_path / "slow", "order_id,placed_at\nt1,none\n")
    checked = one(database, quiet, "SELECT checked_at FROM publications")
    first = cycle(database, BUILT_IN, VAULT)
    found = {(job.client, job.platform): (job.sync, job.result, job.skus, bool(job.error)) for job in first.jobs}
    assert found == {
        ("fed", "all"): ("—", "refreshed", 2, False),
        ("fed", "shopify"): ("not connected", "refreshed", 2, False),
        ("fed", "till"): ("fetched", "refreshed", 0, False),
        ("quiet", "all"): ("—", "unchanged", None, False),
        ("quiet", "shopify"): ("not connected", "unchanged", None, False),
        ("slow", "all"): ("—", "unchanged", None, False),
        ("slow", "till"): ("failed", "unchanged", None, True),
    }
    assert (runs(database, fed), runs(database, quiet), runs(database, slow)) == (2, 1, 0)
    assert one(database, quiet, "SELECT checked_at FROM publications") > checked
    assert_exact(database, fed)
    # Nothing is new: the connected folder is looked at, and that is all.
    looked = one(database, fed, "SELECT last_sync_at FROM connections")
    second = cycle(database, BUILT_IN, VAULT, only="fed")
    assert second.summary()["results"] == {"unchanged": 3}
    assert second.summary()["syncs"] == {"not connected": 1, "nothing new": 1, "—": 1}
    assert runs(database, fed) == 2
    assert one(database, fed, "SELECT last_sync_at FROM connections") > looked


def test_what_fails_for_one_stops_nobody_else(database: Database, shops: list[Tenant]) -> None:
    fed, quiet, _ = shops
    for tenant in (fed, quiet):
        with database.connect(tenant.tenant_id) as conn:
            place(conn, [7])
    refuse(database, fed)
    done = cycle(database, BUILT_IN, VAULT)
    assert {job.client for job in done.failed} == {"fed"}
    assert {job.result for job in done.jobs if job.client == "quiet"} == {"refreshed"}
    assert done.summary()["results"] == {"failed": 2, "refreshed": 2}
    assert waits(database) == {"fed": (True, False), "quiet": (False, False), "slow": (False, False)}
    stopped = cycle(database, BUILT_IN, VAULT, stopping=lambda: True)
    assert (stopped.stopped, stopped.summary()["results"]) == (True, {"stopped": 2, "unchanged": 2})


def test_a_new_local_day_a_failed_answer_and_a_half_applied_change_wait(
    database: Database, shops: list[Tenant]
) -> None:
    fed, quiet, _ = shops
    assert waits(database)["fed"] == (False, False)
    refresh(database, BUILT_IN, fed, triggered_by="test", as_of=datetime(2025, 6, 1, tzinfo=UTC))
    with database.connect(quiet.tenant_id) as conn:
        conn.execute("UPDATE publications SET target = seen")
    assert waits(database) == {"fed": (False, True), "quiet": (True, False), "slow": (False, False)}
    cycle(database, BUILT_IN, VAULT)
    assert waits(database) == {"fed": (False, False), "quiet": (False, False), "slow": (False, False)}


def due(database: Database, quiet: float = 0, longest: float = 0) -> list[int]:
    with database.connect(None) as conn:
        return take_on(conn, quiet=quiet, longest=longest)


def serving(database: Database, tenant: Tenant) -> tuple[str, ...] | None:
    claim = serve(database, BUILT_IN, VAULT, tenant)
    return claim and claim.platforms


def test_a_change_wakes_a_refresh_once_whatever_comes(database: Database, fed: Tenant) -> None:
    assert due(database) == []
    with database.connect(fed.tenant_id) as conn:
        place(conn, [8])
    # The first after some quiet is taken on at once.
    assert due(database, 60, 60) == [fed.tenant_id]
    # Taken on: nobody else takes it, until whoever did has not been heard of for long.
    assert due(database) == []
    assert serving(database, fed) == ("",)
    assert serving(database, fed) is None
    assert_exact(database, fed)
    assert runs(database, fed) == 2
    assert due(database) == []
    # What comes then waits; the dearer the refresh, the longer, but not for ever.
    with database.connect(fed.tenant_id) as conn:
        place(conn, [9])
    assert due(database, 60, 60) == []
    with database.connect(fed.tenant_id) as conn:
        conn.execute("UPDATE wake_ups SET took = 1e6")
    assert due(database, 0, 60) == []
    assert due(database) == [fed.tenant_id]


def test_what_somebody_else_has_counted_waits_no_more(database: Database, fed: Tenant) -> None:
    with database.connect(fed.tenant_id) as conn:
        place(conn, [8])
        conn.execute(
            "INSERT INTO wake_ups (tenant_id, platform, served_at) VALUES (current_tenant(), '', clock_timestamp())"
        )
    assert due(database, 60, 60) == []
    assert one(database, fed, "SELECT since IS NULL FROM wake_ups") is False
    refresh(database, BUILT_IN, fed, triggered_by="test")
    assert due(database) == []
    assert one(database, fed, "SELECT since IS NULL FROM wake_ups") is True


def test_a_change_behind_the_publication_waits_from_then_on(
    database: Database, fed: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes while whoever serves the tenant still prepares answers: they have published, but not reported."""
    noticed = []

    def refreshed(*arguments: Any, **named: Any) -> Any:
        noticed.append(due(database))
        outcome = refresh(*arguments, **named)
        with database.connect(fed.tenant_id) as conn:
            place(conn, [9])
        noticed.append(due(database))
        return outcome

    with database.connect(fed.tenant_id) as conn:
        place(conn, [8])
    assert due(database) == [fed.tenant_id]
    with monkeypatch.context() as patch:
        patch.setattr("tallymark.tasks.wakeups.refresh", refreshed)
        assert serving(database, fed) == ("",)
    assert noticed == [[], [fed.tenant_id]]
    assert serving(database, fed) == ("",)
    assert_exact(database, fed)
    assert due(database) == []


def test_answers_that_follow_are_left_to_the_run_that_waits(
    database: Database, fed: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tallymark.tasks.preparing.LOOKS", 0.0)
    old = "SELECT count(*) FROM analytics_cache WHERE outdated"
    with database.connect(fed.tenant_id) as conn:
        place(conn, [8])
    with records.engine(database) as conn:
        next_run = ledger.enqueue(conn, "wake", fed.tenant_id, trigger="event", triggered_by="test").run_id
    assert due(database) == [fed.tenant_id]
    assert serving(database, fed) == ("",)
    assert one(database, fed, old) > 0
    assert_exact(database, fed)
    with database.connect(fed.tenant_id) as conn:
        conn.execute("DELETE FROM job_runs WHERE run_id = %s", (next_run,))
        place(conn, [9])
    assert due(database) == [fed.tenant_id]
    assert serving(database, fed) == ("",)
    assert one(database, fed, old) == 0


def test_a_clock_that_is_set_back_holds_nobody_up(database: Database, fed: Tenant) -> None:
    with database.connect(fed.tenant_id) as conn:
        place(conn, [8])
    assert due(database) == [fed.tenant_id]
    with database.connect(fed.tenant_id) as conn:
        conn.execute(
            "UPDATE wake_ups SET (since, served_at, claimed_at) ="
            " (SELECT n, n, n FROM (SELECT clock_timestamp() + interval '1 hour' AS n) hour)"
        )
    assert due(database, 60, 60) == [fed.tenant_id]
    assert serving(database, fed) == ("",)
    assert_exact(database, fed)


def test_what_is_said_while_somebody_is_at_it_is_served_next(
    database: Database, fed: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed(database, fed, tmp_path / "fed", "order_id,placed_at\nt1,2025-06-01\n")

    def say(*platforms: str) -> None:
        with database.connect(fed.tenant_id) as conn:
            wake(conn, fed, platforms)

    def refreshed(*arguments: Any, **named: Any) -> Any:
        say("till")
        return refresh(*arguments, **named)

    say("till")
    say("till", "shop")
    assert due(database) == [fed.tenant_id]
    with monkeypatch.context() as patch:
        patch.setattr("tallymark.tasks.wakeups.refresh", refreshed)
        assert serving(database, fed) == ("shop", "till")
    assert one(database, fed, "SELECT count(*) FROM order_fact WHERE platform = 'till'") == 1
    assert due(database) == [fed.tenant_id]
    # Its process has died: it is taken on again.
    assert due(database) == []
    with database.connect(fed.tenant_id) as conn:
        conn.execute("UPDATE wake_ups SET claimed_at = claimed_at - interval '1 hour' WHERE claimed_at IS NOT NULL")
    assert due(database) == [fed.tenant_id]
    assert serving(database, fed) == ("till",)
    assert due(database) == []


def test_a_source_that_cannot_be_read_is_asked_again(database: Database, fed: Tenant, tmp_path: Path) -> None:
    feed(database, fed, tmp_path / "fed", "order_id,placed_at\nt1,2025-06-01\n")
    (tmp_path / "fed").rename(tmp_path / "away")
    with database.connect(fed.tenant_id) as conn:
        place(conn, [8])
        wake(conn, fed, ["till"])
    with pytest.raises(SourceFailed, match="no such folder"):
        serving(database, fed)
    assert_exact(database, fed)
    assert one(database, fed, "SELECT failures FROM wake_ups WHERE platform = 'till' AND since IS NOT NULL") == 1
    # Whatever else changes does not wait for it.
    with database.connect(fed.tenant_id) as conn:
        place(conn, [9])
    assert due(database) == [fed.tenant_id]
    assert serving(database, fed) == ("",)
    assert_exact(database, fed)
    assert serving(database, fed) is None
    (tmp_path / "away").rename(tmp_path / "fed")
    with database.connect(fed.tenant_id) as conn:
        conn.execute("UPDATE wake_ups SET since = since - interval '1 minute' WHERE platform = 'till'")
    assert due(database) == [fed.tenant_id]
    assert serving(database, fed) == ("till",)
    assert one(database, fed, "SELECT count(*) FROM order_fact WHERE platform = 'till'") == 1
    assert due(database) == []


def refuse(database: Database, tenant: Tenant) -> None:
    """Whatever a run of this tenant publishes is refused."""
    with database.owner() as owner:
        owner.execute(f"ALTER TABLE analytics_cache ADD CHECK (tenant_id <> {tenant.tenant_id}) NOT VALID")


def test_a_refresh_that_fails_is_tried_again_later(database: Database, fed: Tenant) -> None:
    refuse(database, fed)
    with database.connect(fed.tenant_id) as conn:
        place(conn, [7])
        wake(conn, fed, ["till"])
    assert due(database) == [fed.tenant_id]
    with pytest.raises(RefreshFailed):
        serving(database, fed)
    assert due(database) == []
    later = "SELECT DISTINCT failures, since - now() BETWEEN interval '5 seconds' AND interval '1 minute' FROM wake_ups"
    assert one(database, fed, later) == (1, True)


def test_who_is_taken_on_has_a_run_that_waits(database: Database, shops: list[Tenant]) -> None:
    fed = shops[0]
    with database.connect(fed.tenant_id) as conn:
        place(conn, [7])
    with records.engine(database) as conn:
        assert watch(conn, quiet=0, longest=0) == 1
        assert watch(conn, quiet=0, longest=0) == 0
    assert one(database, fed, "SELECT job, trigger, status FROM job_runs") == ("wake", "event", "scheduled")
    made = Work(database, BUILT_IN, Settings(secret_key="k" * 32), fed)
    assert find_job("wake").body(made) == {"served": ["changes"]}
    assert find_job("wake").body(made) == {"served": []}
    everybody = Work(database, BUILT_IN, Settings(secret_key="k" * 32), None)
    assert find_job("cycle").body(everybody)["results"] == {"unchanged": 4}


@pytest.fixture
def plain_owner(postgres: Server) -> Iterator[str]:
    """The conninfo of an empty database whose owner is no superuser, as that owner."""
    conninfo, role = postgres.create(), f"keeper_{postgres.worker}"
    name = psycopg.conninfo.conninfo_to_dict(conninfo)["dbname"]
    with psycopg.connect(postgres.conninfo, autocommit=True) as superuser:
        superuser.execute(f"CREATE ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS")
        superuser.execute(f"GRANT tallymark_app TO {role}")
        superuser.execute(f"ALTER DATABASE {name} OWNER TO {role}")
        superuser.execute(f"GRANT EXECUTE ON FUNCTION pg_control_system TO {role}")
    yield make_conninfo(conninfo, user=role)
    postgres.drop(conninfo)
    with psycopg.connect(postgres.conninfo, autocommit=True) as superuser:
        superuser.execute(f"DROP OWNED BY {role}")
        superuser.execute(f"DROP ROLE {role}")


def test_an_owner_whom_row_security_binds_sees_who_waits(template: str, plain_owner: str) -> None:
    with psycopg.connect(plain_owner, autocommit=True) as owner:
        migrations.apply(owner)
    with Database(plain_owner) as database:
        tenants = [open_shop(database, slug) for slug in ("one", "two")]
        with database.connect(tenants[1].tenant_id) as conn:
            place(conn, [1])

        assert waits(database) == {"one": (False, False), "two": (True, False)}
        assert due(database) == [tenants[1].tenant_id]
        with database.connect(tenants[0].tenant_id) as conn:
            assert conn.execute("SELECT count(*) FROM change_log").fetchone() == (0,)
            assert conn.execute("SELECT count(*) FROM wake_ups").fetchone() == (0,)
