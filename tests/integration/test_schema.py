"""The migrations produce the schema that `docs/schema.sql` declares: what a reader sees there is what there is."""

from importlib.resources import files
from pathlib import Path

import psycopg
import pytest

from tallymark.db import migrations, schema

DECLARED = Path(__file__).parents[2] / "docs" / "schema.sql"


def test_the_migrations_produce_the_declared_schema(
    empty_database: str, programs: Path, request: pytest.FixtureRequest
) -> None:
    if request.config.getoption("--postgres15"):
        pytest.skip("the declared schema is as PostgreSQL 18's pg_dump prints it")
    with psycopg.connect(empty_database, autocommit=True) as connection:
        migrations.apply(connection)
    assert schema.dump(empty_database, programs) == DECLARED.read_text("utf-8"), "run: make schema"


def test_a_column_that_no_migration_makes_is_noticed(empty_database: str, programs: Path) -> None:
    with psycopg.connect(empty_database, autocommit=True) as connection:
        migrations.apply(connection)
        before = schema.dump(empty_database, programs)
        connection.execute("ALTER TABLE tallymark.orders ADD COLUMN forgotten text")
    assert schema.dump(empty_database, programs) != before


def test_applying_them_again_changes_nothing(empty_database: str, programs: Path) -> None:
    with psycopg.connect(empty_database, autocommit=True) as connection:
        migrations.apply(connection)
        before = schema.dump(empty_database, programs)
        assert migrations.apply(connection) == []
    assert schema.dump(empty_database, programs) == before


def test_the_queue_is_that_of_the_installed_package(empty_database: str) -> None:
    with psycopg.connect(empty_database, autocommit=True) as connection:
        migrations.apply(connection)
        made = "SELECT count(*) FROM pg_proc WHERE pronamespace = 'tallymark_jobs'::regnamespace"
        row = connection.execute(made).fetchone()
    declared = files("procrastinate").joinpath("sql", "schema.sql").read_text("utf-8").count("CREATE FUNCTION")
    assert row is not None
    assert row[0] == declared > 10
