"""The migrations produce the schema that `docs/schema.sql` declares: what a reader sees there is what there is."""

from pathlib import Path

import procrastinate
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


def test_the_queue_is_that_of_the_installed_package() -> None:
    """Without its first statement, which makes an extension that every database has."""
    package = Path(procrastinate.__file__).parent / "sql" / "schema.sql"
    *_, theirs = package.read_text("utf-8").partition("-- Enums")
    ours = (
        migration.read_text("utf-8").partition("SET LOCAL search_path = tallymark_jobs;\n\n")[2].strip()
        for migration in sorted(migrations.FOLDER.glob("*_queue*.sql"))
    )
    assert "\n\n".join(ours) == f"-- Enums{theirs}".strip()
