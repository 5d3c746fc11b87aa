import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import Connection

from tallymark.db import migrations
from tallymark.errors import MigrationError

Write = Callable[[str, str], None]


@pytest.fixture
def connection(empty_database: str) -> Iterator[Connection]:
    with psycopg.connect(empty_database, autocommit=True) as connection:
        yield connection


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def write(folder: Path) -> Write:
    def write(name: str, text: str) -> None:
        (folder / name).write_text(text)

    write("0001_shops.sql", "CREATE TABLE shops (id int); INSERT INTO shops VALUES (1);")
    write("0002_wares.sql", "CREATE TABLE wares (id int);")
    return write


def ledger(connection: Connection) -> list[tuple[int, str]]:
    return connection.execute("SELECT number, name FROM tallymark.schema_migrations ORDER BY number").fetchall()


def test_files_are_applied_in_order_and_once(connection: Connection, folder: Path, write: Write) -> None:
    assert migrations.apply(connection, folder) == ["shops", "wares"]
    assert migrations.apply(connection, folder) == []
    write("0003_more.sql", "INSERT INTO shops VALUES (2);")
    assert migrations.apply(connection, folder) == ["more"]
    assert ledger(connection) == [(1, "shops"), (2, "wares"), (3, "more")]
    assert connection.execute("SELECT count(*) FROM tallymark.shops").fetchone() == (2,)


def test_the_role_is_made_without_any_power(connection: Connection, folder: Path, write: Write) -> None:
    migrations.apply(connection, folder)
    row = connection.execute(
        "SELECT rolsuper, rolbypassrls, rolcanlogin, rolinherit FROM pg_roles WHERE rolname = 'tallymark_app'"
    ).fetchone()
    assert row == (False, False, False, False)


def test_a_failed_file_leaves_no_trace(connection: Connection, folder: Path, write: Write) -> None:
    write("0003_broken.sql", "CREATE TABLE half (id int); SELECT 1/0;")
    with pytest.raises(MigrationError, match=r"0003_broken\.sql failed: division by zero"):
        migrations.apply(connection, folder)
    assert ledger(connection) == [(1, "shops"), (2, "wares")]
    assert connection.execute("SELECT to_regclass('tallymark.half')").fetchone() == (None,)


def test_a_changed_file_is_refused(connection: Connection, folder: Path, write: Write) -> None:
    migrations.apply(connection, folder)
    write("0002_wares.sql", "CREATE TABLE wares (id bigint);")
    with pytest.raises(MigrationError, match=r"0002_wares\.sql has changed"):
        migrations.apply(connection, folder)


def test_a_newer_database_is_refused(connection: Connection, folder: Path, write: Write) -> None:
    migrations.apply(connection, folder)
    (folder / "0002_wares.sql").unlink()
    with pytest.raises(MigrationError, match="0002_wares, which this program does not know"):
        migrations.apply(connection, folder)


def test_a_file_put_before_an_applied_one_is_refused(connection: Connection, folder: Path, write: Write) -> None:
    (folder / "0001_shops.sql").rename(folder / "0003_shops.sql")
    migrations.apply(connection, folder)
    write("0001_late.sql", "SELECT 1;")
    with pytest.raises(MigrationError, match=r"0001_late\.sql was added before"):
        migrations.apply(connection, folder)


@pytest.mark.parametrize("name", ["3_short.sql", "0002_again.sql"])
def test_a_stray_name_is_refused(connection: Connection, folder: Path, write: Write, name: str) -> None:
    write(name, "SELECT 1;")
    with pytest.raises(MigrationError, match=name):
        migrations.apply(connection, folder)


def test_instances_that_start_together_take_turns(empty_database: str, folder: Path, write: Write) -> None:
    write("0003_slow.sql", "SELECT pg_sleep(0.2); INSERT INTO shops VALUES (3);")
    done: list[list[str]] = []

    def start() -> None:
        with psycopg.connect(empty_database, autocommit=True) as own:
            done.append(migrations.apply(own, folder))

    together = [threading.Thread(target=start) for _ in range(4)]
    for thread in together:
        thread.start()
    for thread in together:
        thread.join()
    assert sorted(name for names in done for name in names) == ["shops", "slow", "wares"]
    assert len(done) == 4


def test_an_owner_who_may_not_make_the_role_is_told_how(connection: Connection, folder: Path, write: Write) -> None:
    migrations.apply(connection, folder)
    connection.execute("DROP ROLE IF EXISTS shopkeeper")
    connection.execute("CREATE ROLE shopkeeper")
    connection.execute("SET SESSION AUTHORIZATION shopkeeper")
    with pytest.raises(MigrationError) as refused:
        migrations._ensure_role(connection)
    assert "GRANT tallymark_app TO" in str(refused.value.hint)
    connection.execute("RESET SESSION AUTHORIZATION")
    connection.execute("DROP ROLE shopkeeper")


def test_our_own_files_apply(connection: Connection) -> None:
    names = [migration.name for migration in migrations.available()]
    assert migrations.apply(connection) == names
    assert migrations.apply(connection) == []
