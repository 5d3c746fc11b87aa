"""`tallymark doctor`: what an operator would look at, one line each. It repairs nothing and changes nothing."""

import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from psycopg import Connection

from tallymark.cli import terminal
from tallymark.cli.installation import bare_database
from tallymark.cli.status import SQL, Standing, seen_to, standing
from tallymark.cli.tables import ago
from tallymark.db import Database, check_version, directory, migrations, roles
from tallymark.errors import MigrationError, SettingsError, TallymarkError, UnsafeRole
from tallymark.model import Tenant, exact_json
from tallymark.monitoring import log_to_standard_error
from tallymark.settings import Settings
from tallymark.tasks import open_alerts, records
from tallymark.tasks import standing as jobs

GB = 1 << 30
LEAST_SPACE, LITTLE_SPACE = GB // 4, 2 * GB
MANY_CHANGES = 100_000
LONG_OVERDUE = 300.0
MENDS = {
    "integrity": "Run: tallymark refresh --tenant {0} --rebuild, then tallymark verify; and report what differed.",
    "archive": "Put the file back from a backup, then run: tallymark jobs trigger integrity_check --tenant {0}",
}
"""By kind of alert: what to do about it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it is, and what to do where it is not well."""

    check: str
    state: Literal["ok", "warn", "fail"]
    message: str
    advice: str | None = None


def run(*, as_json: bool) -> int:
    log_to_standard_error()
    failed = False
    for finding in examine():
        failed = failed or finding.state == "fail"
        if as_json:
            terminal.result(exact_json.dumps(asdict(finding)))
            continue
        terminal.result(f"{finding.state:<4}  {finding.check}: {finding.message}")
        if finding.advice:
            terminal.result(f"      → {finding.advice}")
    return 1 if failed else 0


def examine() -> Iterator[Finding]:
    """Every finding there is; where one thing cannot be reached, what depends on it is left out."""
    try:
        settings = Settings.from_environment()
        if settings.database_url:
            settings.require_secret()
    except SettingsError as wrong:
        yield _failure("settings", wrong)
        return
    yield Finding("settings", "ok", f"home is {settings.home}")
    yield _free_space(settings.home)
    try:
        database = bare_database(settings)
    except TallymarkError as failed:
        yield _failure("PostgreSQL", failed)
        return
    with database:
        schema = list(_of_server(database, settings))
        yield from schema
        if all(finding.state != "fail" for finding in schema):
            yield from _of_access(database)
            yield _of_work(database, settings)
            yield from _of_tenants(database, settings)


def _free_space(home: Path) -> Finding:
    folder = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(folder).free
    state: Literal["ok", "warn", "fail"] = "ok" if free >= LITTLE_SPACE else "warn" if free >= LEAST_SPACE else "fail"
    advice = None if state == "ok" else f"Make room on the disk of {folder}."
    return Finding("disk space", state, f"{free / GB:.1f} GB free at {folder}", advice)


def _of_server(database: Database, settings: Settings) -> Iterator[Finding]:
    kind = "yours, by DATABASE_URL" if settings.database_url else "embedded"
    try:
        with database.owner() as connection:
            check_version(connection)
            version = connection.info.parameter_status("server_version")
            yield Finding("PostgreSQL", "ok", f"{version}, {kind}")
            yield _extensions(connection)
            yield _migrations(connection)
    except TallymarkError as failed:
        yield _failure("PostgreSQL", failed)


def _extensions(connection: Connection[Any]) -> Finding:
    found = [name for (name,) in connection.execute(SQL.extensions)]
    return Finding("extensions", "ok", f"none needed; {', '.join(found) or 'none'} installed")


def _migrations(connection: Connection[Any]) -> Finding:
    try:
        every = migrations.available()
        missing = migrations.pending(connection, every)
    except MigrationError as failed:
        return _failure("migrations", failed)
    if missing:
        names = ", ".join(migration.name for migration in missing)
        return Finding("migrations", "fail", f"{len(missing)} not applied: {names}", "Run: tallymark migrate")
    return Finding("migrations", "ok", f"all {len(every)} applied")


def _of_access(database: Database) -> Iterator[Finding]:
    try:
        with database.connect(None) as conn:
            roles.check(conn)
    except UnsafeRole as unsafe:
        if "tables" in unsafe.details:
            yield Finding("role", "ok", "neither a superuser nor above row security")
            yield _failure("row security", unsafe)
        else:
            yield _failure("role", unsafe)
        return
    except TallymarkError as failed:
        yield _failure("role", failed)
        return
    yield Finding("role", "ok", "neither a superuser nor above row security")
    yield Finding("row security", "ok", "in force on every table of tenants")


def _of_work(database: Database, settings: Settings) -> Finding:
    """Whether what is due is seen to, and whether anything was given up."""
    check = "background work"
    with records.engine(database) as conn:
        found = jobs.health(conn)
    if settings.disable_auto_sync:
        return Finding(check, "warn", "switched off by DISABLE_AUTO_SYNC: nothing is started by the clock")
    if found.workers and not found.ticking:
        return Finding(check, "warn", f"{seen_to(found)} by {found.workers} at work")
    if not found.ticking:
        since = f"; last seen to {ago(found.tick_age)} ago" if found.tick_age is not None else ""
        return Finding(check, "warn", f"nobody sees to what is due{since}", "Run: tallymark work, or serve")
    told = f"{found.workers} at work, {found.running} under way, {found.waiting} waiting"
    if found.oldest_overdue is not None and found.oldest_overdue > LONG_OVERDUE:
        return Finding(check, "warn", f"{told}, one for {ago(found.oldest_overdue)}", "Run: tallymark jobs runs")
    if found.dead_letters:
        return Finding(check, "warn", f"{told}; {found.dead_letters} given up", "Run: tallymark jobs runs --dead")
    return Finding(check, "ok", told)


def _of_tenants(database: Database, settings: Settings) -> Iterator[Finding]:
    with database.connect(None) as conn:
        tenants = directory.all_tenants(conn)
    if not tenants:
        yield Finding("tenants", "warn", "there is none yet", "Run: tallymark tenant create SLUG --name NAME …")
    for tenant in tenants:
        found = standing(database, tenant, timedelta(hours=settings.stale_threshold_hours))
        yield _last_run(found)
        yield _age(found)
        yield _pending(found)
        yield from _alerts(database, tenant)


def _last_run(found: Standing) -> Finding:
    check, run = f"last run of {found.tenant}", found.last_run
    again = f"Run: tallymark refresh --tenant {found.tenant}"
    if run is None:
        return Finding(check, "warn", "never refreshed", again)
    at = f"{run.started_at:%Y-%m-%d %H:%M} UTC"
    if run.status == "failed":
        return Finding(check, "fail", f"failed at {at}: {run.error or 'no reason was recorded'}", again)
    if run.failed_metrics:
        kept = f"{', '.join(run.failed_metrics)} kept the last good figures"
        return Finding(check, "warn", f"at {at}, {kept}", f"{again} --force")
    took = f" in {run.duration_ms / 1000:.2f} s" if run.duration_ms is not None else ""
    return Finding(check, "ok", f"{run.status} at {at}{took}")


def _age(found: Standing) -> Finding:
    check = f"figures of {found.tenant}"
    if found.age is None:
        return Finding(check, "warn", "none yet", f"Run: tallymark refresh --tenant {found.tenant}")
    message = f"version {found.version}, current {ago(found.age)} ago"
    if found.stale:
        return Finding(check, "warn", f"stale: {message}", f"Run: tallymark refresh --tenant {found.tenant}")
    return Finding(check, "ok", message)


def _pending(found: Standing) -> Finding:
    """Nothing in the log can be older than the last time it was found empty."""
    check = f"change log of {found.tenant}"
    if not found.pending_changes:
        return Finding(check, "ok", "nothing waits")
    since = f" for at most {ago(found.age)}" if found.age is not None else ""
    message = f"{found.pending_changes:,} changes wait{since}"
    if found.stale or found.pending_changes >= MANY_CHANGES:
        return Finding(check, "warn", message, f"Run: tallymark refresh --tenant {found.tenant}")
    return Finding(check, "ok", message)


def _alerts(database: Database, tenant: Tenant) -> Iterator[Finding]:
    """What the nightly check and other jobs have found."""
    with database.connect(tenant.tenant_id) as conn:
        for alert in open_alerts(conn, tenant):
            since = f" (since {alert.raised_at:%Y-%m-%d %H:%M} UTC)"
            advice = MENDS[alert.kind].format(tenant.slug) if alert.kind in MENDS else None
            yield Finding(f"{alert.kind} of {tenant.slug}", "fail", alert.message + since, advice)


def _failure(check: str, failed: TallymarkError) -> Finding:
    return Finding(check, "fail", failed.message, failed.hint)
