"""Brings the schema up to date: plain SQL files, `NNNN_name.sql`, in order, each in one transaction.

What was applied is recorded with its hash. A file that changed afterwards, one that is missing, or a database
newer than this program is refused: nobody can tell what such a schema holds. A line `-- include PACKAGE: FILE` stands
for a file of an installed package, which the requirements hold to one release.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection, errors

from tallymark.db.queries import load
from tallymark.errors import MigrationError

SQL = load("tallymark.db", "migrations.sql")
FOLDER = Path(str(resources.files("tallymark.db"))) / "migrations"
_NAME = re.compile(r"(\d{4})_(\w+)\.sql")
_INCLUDE = re.compile(r"^-- include (\w+): (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Migration:
    """One file."""

    number: int
    name: str
    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    @cached_property
    def sha256(self) -> str:
        return sha256(self.text.encode()).hexdigest()

    @property
    def statements(self) -> str:
        """The text with what it includes."""
        return _INCLUDE.sub(lambda found: resources.files(found[1]).joinpath(found[2]).read_text("utf-8"), self.text)


def available(folder: Path = FOLDER) -> list[Migration]:
    """The files there are, in order; raises MigrationError on a stray name or a number used twice."""
    found: dict[int, Migration] = {}
    for path in sorted(folder.glob("*.sql")):
        name = _NAME.fullmatch(path.name)
        if name is None:
            raise MigrationError(f"{path.name} is not named NNNN_name.sql")
        number = int(name[1])
        if number in found:
            raise MigrationError(f"{found[number].path.name} and {path.name} have the same number")
        found[number] = Migration(number, name[2], path)
    return list(found.values())


def apply(connection: Connection[Any], folder: Path = FOLDER) -> list[str]:
    """Applies what is missing and returns its names; `connection` is the owner's, in autocommit mode.

    Raises MigrationError; the failed file leaves no trace, those before it stay.
    """
    migrations = available(folder)
    if not pending(connection, migrations):
        return []
    _ensure_role(connection)
    done: list[str] = []
    while True:
        # One at a time, and looked up again under the lock: another instance may be at it too.
        with connection.transaction():
            connection.execute(SQL.lock)
            if not _one(connection, SQL.ledger_exists):
                connection.execute(SQL.create_ledger)
            missing = pending(connection, migrations)
            if not missing:
                return done
            _apply_one(connection, missing[0])
        done.append(missing[0].name)


def pending(connection: Connection[Any], migrations: list[Migration]) -> list[Migration]:
    """Those not applied yet; raises MigrationError when what was applied is not what we have."""
    if not _one(connection, SQL.ledger_exists):
        return migrations
    applied = {number: (name, digest) for number, name, digest in connection.execute(SQL.applied).fetchall()}
    ours = {migration.number: migration for migration in migrations}
    for number, (name, digest) in applied.items():
        if number not in ours:
            raise MigrationError(
                f"The database has migration {number:04}_{name}, which this program does not know.",
                hint="It was made by a newer release: install that one.",
            )
        if ours[number].sha256 != digest:
            raise MigrationError(
                f"Migration {ours[number].path.name} has changed since it was applied to this database.",
                hint="Put the file back and make a new migration instead.",
            )
    missing = [migration for migration in migrations if migration.number not in applied]
    if applied and missing and missing[0].number < max(applied):
        raise MigrationError(f"Migration {missing[0].path.name} was added before one that is applied already.")
    return missing


def _apply_one(connection: Connection[Any], migration: Migration) -> None:
    try:
        connection.execute("SET LOCAL search_path = tallymark, public")
        connection.execute("SET LOCAL check_function_bodies = on")
        connection.execute(migration.statements)
        values = {"number": migration.number, "name": migration.name, "sha256": migration.sha256}
        connection.execute(SQL.record, values)
    except psycopg.Error as failed:
        raise MigrationError(f"Migration {migration.path.name} failed: {failed}") from failed


def _ensure_role(connection: Connection[Any]) -> None:
    try:
        if not _one(connection, SQL.role_exists):
            # Another database of the same server may be at it too.
            with suppress(errors.DuplicateObject, errors.UniqueViolation):
                connection.execute(SQL.create_role)
        if not _one(connection, SQL.may_set_role):
            connection.execute(SQL.grant_role)
    except errors.InsufficientPrivilege as refused:
        user = connection.info.user
        raise MigrationError(
            f"The role tallymark_app cannot be made ready: {refused.diag.message_primary}.",
            hint=f'As superuser: CREATE ROLE tallymark_app NOINHERIT; GRANT tallymark_app TO "{user}";',
        ) from refused


def _one(connection: Connection[Any], query: str) -> bool:
    row = connection.execute(query).fetchone()
    return bool(row and row[0])
