import sys
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from psycopg import Connection

from tallymark.db import Database, Session, Timeouts, open_database
from tallymark.errors import DatabaseUnavailable
from tallymark.settings import Settings

MakeTenant = Callable[..., int]
ADD = "INSERT INTO categories (tenant_id, platform, category_id, name) VALUES (%s, 'shop', %s, %s)"


def categories(connection: Connection) -> list[str]:
    return [name for (name,) in connection.execute("SELECT name FROM categories ORDER BY name")]


@pytest.fixture
def two(database: Database, make_tenant: MakeTenant) -> tuple[int, int]:
    """Two tenants with a category each."""
    ids = make_tenant("ours"), make_tenant("theirs")
    for tenant_id, name in zip(ids, ("Ours", "Theirs"), strict=True):
        with database.connect(tenant_id) as connection:
            connection.execute(ADD, (tenant_id, "1", name))
    return ids


def test_a_tenant_sees_its_own_rows_only(database: Database, two: tuple[int, int]) -> None:
    ours, theirs = two
    with database.connect(ours) as connection:
        assert categories(connection) == ["Ours"]
    with database.connect(theirs) as connection:
        assert categories(connection) == ["Theirs"]


def test_a_tenant_changes_its_own_rows_only(database: Database, two: tuple[int, int]) -> None:
    ours, theirs = two
    with database.connect(ours) as connection:
        assert connection.execute("UPDATE categories SET name = 'Taken'").rowcount == 1
        assert connection.execute("DELETE FROM categories WHERE tenant_id = %s", (theirs,)).rowcount == 0
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        with database.connect(ours) as connection:
            connection.execute(ADD, (theirs, "2", "Smuggled"))
    with database.connect(theirs) as connection:
        assert categories(connection) == ["Theirs"]


def test_without_a_tenant_only_the_directory_shows(database: Database, two: tuple[int, int]) -> None:
    with database.connect(None) as connection:
        assert categories(connection) == []
        assert connection.execute("SELECT slug FROM tenants ORDER BY slug").fetchall() == [
            ("ours",),
            ("theirs",),
        ]


def test_the_tenant_does_not_survive_the_transaction(database: Database, two: tuple[int, int]) -> None:
    ours, _ = two
    with Database(database.conninfo, max_size=1) as narrow:
        with narrow.session(ours) as session:
            with session.transaction() as connection:
                assert categories(connection) == ["Ours"]
            assert categories(session.connection) == []
        # The pool has one connection, so this is the same one twice.
        with narrow.connect(ours) as connection:
            assert categories(connection) == ["Ours"]
        with narrow.connect(None) as connection:
            assert categories(connection) == []


def test_a_transaction_cannot_be_ended_from_within(database: Database) -> None:
    with pytest.raises(psycopg.ProgrammingError, match="forbidden within a Transaction"):
        with database.connect(1) as connection:
            connection.commit()


def test_every_transaction_acts_as_our_role(database: Database) -> None:
    with Database(database.conninfo, max_size=1) as narrow:
        with narrow.connect(1) as connection:
            connection.execute("RESET ROLE; SET search_path = public")
        with narrow.connect(1) as connection:
            row = connection.execute(
                "SELECT current_user, current_setting('search_path'), current_setting('timezone')"
            ).fetchone()
    assert row == ("tallymark_app", "tallymark, public", "UTC")


def test_an_error_rolls_back(database: Database, two: tuple[int, int]) -> None:
    ours, _ = two
    with pytest.raises(ZeroDivisionError), database.connect(ours) as connection:
        connection.execute("DELETE FROM categories")
        raise ZeroDivisionError
    with database.connect(ours) as connection:
        assert categories(connection) == ["Ours"]


def test_read_only_refuses_to_write(database: Database, two: tuple[int, int]) -> None:
    ours, _ = two
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        with database.connect(ours, read_only=True) as connection:
            connection.execute("DELETE FROM categories")
    with database.connect(ours) as connection:
        assert connection.execute("DELETE FROM categories").rowcount == 1


def test_repeatable_read_keeps_its_snapshot(database: Database, two: tuple[int, int]) -> None:
    ours, _ = two
    with database.connect(ours, isolation="repeatable read") as reader:
        assert categories(reader) == ["Ours"]
        with database.connect(ours) as writer:
            writer.execute(ADD, (ours, "2", "Later"))
        assert categories(reader) == ["Ours"]
    with database.connect(ours) as reader:
        assert categories(reader) == ["Later", "Ours"]


def test_a_statement_may_take_so_long(database: Database) -> None:
    with pytest.raises(psycopg.errors.QueryCanceled):
        with database.connect(1, statement_timeout=0.05) as connection:
            connection.execute("SELECT pg_sleep(5)")
    with database.connect(1) as connection:
        assert connection.execute("SHOW statement_timeout").fetchone() == ("1min",)


def test_a_session_keeps_its_lock_across_transactions(database: Database, two: tuple[int, int]) -> None:
    ours, _ = two
    free = "SELECT pg_try_advisory_xact_lock(42)"
    with database.session(ours) as session:
        session.connection.execute("SELECT pg_advisory_lock(42)")
        for _ in range(2):
            with session.transaction("repeatable read") as connection:
                assert categories(connection) == ["Ours"]
                assert connection.execute("SHOW transaction_isolation").fetchone() == ("repeatable read",)
        assert categories(session.connection) == []
        with database.connect(ours) as other:
            assert other.execute(free).fetchone() == (False,)
    with database.connect(ours) as other:
        assert other.execute(free).fetchone() == (True,)


def test_a_failed_session_lets_go_too(database: Database) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero), database.session(1) as session:
        session.connection.execute("SELECT pg_advisory_lock(43)")
        with session.transaction() as connection:
            connection.execute("SELECT 1/0")
    with database.connect(1) as other:
        assert other.execute("SELECT pg_try_advisory_xact_lock(43)").fetchone() == (True,)


def test_statements_and_locks_of_a_request_end_and_those_of_other_work_do_not(database: Database) -> None:
    asked = "SELECT current_setting('statement_timeout'), current_setting('lock_timeout')"
    idle = "SELECT current_setting('idle_in_transaction_session_timeout')"
    timeouts = Timeouts(statement=7, lock=3, idle=90)
    with Database(database.conninfo, max_size=4, timeouts=timeouts) as limited:
        with limited.connect(1) as connection:
            assert connection.execute(asked).fetchone() == ("7s", "3s")
            assert connection.execute(idle).fetchone() == ("90s",)
        with limited.connect(1, statement_timeout=2) as connection:
            assert connection.execute(asked).fetchone() == ("2s", "2s")
        for work in (limited.connect(1, statement_timeout=0), limited.session(1)):
            with work as connection:
                if isinstance(connection, Session):
                    with connection.transaction() as inner:
                        assert inner.execute(asked).fetchone() == ("0", "0")
                else:
                    assert connection.execute(asked).fetchone() == ("0", "0")
        assert {name: usage.most for name, usage in limited.usage().items()} == {"primary": 2, "sessions": 2}


def test_a_statement_gives_up_on_a_lock(database: Database) -> None:
    with Database(database.conninfo, timeouts=Timeouts(lock=0.1)) as hasty, hasty.connect(None) as holder:
        holder.execute("LOCK TABLE tenants IN SHARE MODE")
        with pytest.raises(psycopg.errors.LockNotAvailable), hasty.connect(None) as other:
            other.execute("LOCK TABLE tenants IN EXCLUSIVE MODE")


def test_a_lost_connection_is_told_from_a_failed_statement(database: Database) -> None:
    with pytest.raises(DatabaseUnavailable, match="was lost"), database.connect(1) as connection:
        with database.owner() as owner:
            owner.execute("SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,))
        connection.execute("SELECT 1")
    with database.connect(1) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_busy_pool_says_so(database: Database) -> None:
    with Database(database.conninfo, max_size=1, patience=0.2) as narrow, narrow.connect(1):
        with pytest.raises(DatabaseUnavailable, match="All 1 database connections have been busy"):
            with narrow.connect(1):
                pass


def test_who_comes_after_the_end_is_told(database: Database) -> None:
    waiting: list[Exception] = []

    def wait() -> None:
        with pytest.raises(DatabaseUnavailable) as refused, ending.connect(None):
            pass
        waiting.append(refused.value)

    with Database(database.conninfo, max_size=2) as ending:
        with ending.connect(None):
            late = threading.Thread(target=wait)  # The one connection of the pool is lent.
            late.start()
            while not ending.usage()["primary"].waiting:
                late.join(0.01)
            ending.close()
        late.join(30)
        wait()
    assert [str(refused) for refused in waiting] == ["This process is ending and has let go of the database."] * 2


def test_many_threads_each_keep_to_their_tenant(database: Database) -> None:
    mixed: list[tuple[int, object]] = []

    def ask(tenant_id: int) -> None:
        for _ in range(20):
            with database.connect(tenant_id) as connection:
                row = connection.execute("SELECT current_setting('tallymark.tenant')::int").fetchone()
                if row != (tenant_id,):
                    mixed.append((tenant_id, row))

    threads = [threading.Thread(target=ask, args=(tenant_id,)) for tenant_id in range(1, 17)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert mixed == []


def test_nobody_there_is_told_at_once() -> None:
    with pytest.raises(DatabaseUnavailable, match="cannot be reached"):
        with Database("postgresql://nobody@127.0.0.1:1/shop").connect(1):
            pass


def test_a_database_that_is_not_ours_is_told(empty_database: str) -> None:
    with Database(empty_database) as database, database.owner() as owner:
        owner.execute("CREATE ROLE stranger LOGIN")
        with pytest.raises(DatabaseUnavailable, match="not set up for Tallymark"):
            with Database(psycopg.conninfo.make_conninfo(empty_database, user="stranger")).connect(1):
                pass
        owner.execute("DROP ROLE stranger")


def test_open_database_is_ready_to_use(empty_database: str, tmp_path: Path) -> None:
    parts = psycopg.conninfo.conninfo_to_dict(empty_database)
    url = f"postgresql://{parts['user']}@/{parts['dbname']}?host={parts['host']}&port={parts['port']}"
    with open_database(Settings(database_url=url, home=tmp_path)) as database:
        with database.connect(None) as connection:
            assert connection.execute("SELECT count(*) FROM tenants").fetchone() == (0,)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_was_about_ends_soon(database: Database) -> None:
    with database.connect(None) as connection:
        told = connection.execute("SHOW client_connection_check_interval").fetchone()
    assert told == ("5s" if sys.platform == "linux" else "0",)
