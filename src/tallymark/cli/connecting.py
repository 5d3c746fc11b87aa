"""`tallymark connect` and `tallymark sync`: the sources of a shop's records."""

from pathlib import Path

from tallymark.api import audit
from tallymark.cli import terminal
from tallymark.cli.installation import Installation, installation
from tallymark.cli.progress import progress
from tallymark.cli.tables import show
from tallymark.connectors import (
    Connection,
    Synced,
    Vault,
    connect,
    connections,
    connector_of,
    disconnect,
    find_connection,
    folder_settings,
    signing_secret,
    sync,
)
from tallymark.errors import Conflict
from tallymark.model import Tenant, exact_json, instant
from tallymark.settings import Settings


def connect_folder(folder: Path, slug: str, platform: str, name: str | None, preset: str | None) -> int:
    with installation() as here:
        tenant, settings, vault = here.tenant(slug), folder_settings(folder, preset), vault_of(here.settings)
        with here.database.connect(tenant.tenant_id) as conn:
            made = connect(conn, tenant, platform, "folder", settings, by=audit.COMMAND_LINE, vault=vault, name=name)
            subject = f"{platform} {made.name}"
            audit.record(conn, tenant.tenant_id, audit.COMMAND_LINE, "connection.add", subject, kind="folder")
        found = connector_of("folder").check(made.source(vault))
    terminal.result(f"Connected {made.platform} ({made.name}), number {made.connection_id}: {found}.")
    terminal.note(f"Next: tallymark sync --tenant {tenant.slug}")
    return 0


def connect_events(slug: str, platform: str, name: str | None) -> int:
    secret = signing_secret()
    with installation() as here:
        tenant, vault = here.tenant(slug), vault_of(here.settings)
        with here.database.connect(tenant.tenant_id) as conn:
            made = connect(
                conn, tenant, platform, "events", {}, by=audit.COMMAND_LINE, vault=vault, name=name,
                secrets={"signing": secret},
            )  # fmt: skip
            subject = f"{platform} {made.name}"
            audit.record(conn, tenant.tenant_id, audit.COMMAND_LINE, "connection.add", subject, kind="events")
    terminal.result(secret)
    terminal.note(f"Events are sent to /api/events/{tenant.slug}/{made.connection_id}, signed with this secret.")
    return 0


def list_connections(slug: str | None, *, as_json: bool) -> int:
    with installation() as here:
        tenant = here.tenant(slug)
        with here.database.connect(tenant.tenant_id, read_only=True) as conn:
            found = connections(conn, tenant)
    if as_json:
        for one in found:
            terminal.result(exact_json.dumps(shown(one)))
    elif found:
        columns = ("id", "platform", "name", "kind", "status", "last sync", "last problem")
        show(columns, [_row(one) for one in found])
    else:
        terminal.note("Nothing is connected yet. Run: tallymark connect folder PATH --tenant SLUG --platform P")
    return 0


def check_connection(number: int, slug: str | None) -> int:
    with installation() as here:
        tenant = here.tenant(slug)
        with here.database.connect(tenant.tenant_id, read_only=True) as conn:
            one = find_connection(conn, tenant, number)
        terminal.result(connector_of(one.kind).check(one.source(vault_of(here.settings))))
    return 0


def remove_connection(number: int, slug: str | None) -> int:
    with installation() as here:
        tenant = here.tenant(slug)
        with here.database.connect(tenant.tenant_id) as conn:
            one = find_connection(conn, tenant, number)
            disconnect(conn, one)
            subject = f"{one.platform} {one.name}"
            audit.record(conn, tenant.tenant_id, audit.COMMAND_LINE, "connection.remove", subject)
    terminal.result(f"Removed {one.platform} ({one.name}); its records stay.")
    return 0


def run_sync(slug: str | None, platform: str, *, as_json: bool) -> int:
    with installation() as here:
        tenants = here.all_tenants() if slug is None else [here.tenant(slug)]
        ended = [done for tenant in tenants for done in _sync(here, tenant, platform)]
    for done in ended:
        _say(done, as_json=as_json)
    if not ended:
        terminal.note("Nothing is connected there. Run: tallymark connect folder PATH --tenant SLUG --platform P")
    for tenant_slug in sorted({done.tenant for done in ended if done.wrote}):
        terminal.note(f"Next: tallymark refresh --tenant {tenant_slug}")
    return 0 if all(done.ok for done in ended) else 1


def vault_of(settings: Settings) -> Vault:
    """What opens the credentials of this installation."""
    return Vault(settings.require_secret(), settings.earlier_secrets)


def shown(one: Connection) -> dict[str, object]:
    """A connection as it may be seen: its secrets stay where they are."""
    return {
        "id": one.connection_id,
        "platform": one.platform,
        "kind": one.kind,
        "name": one.name,
        "settings": dict(one.settings),
        "status": one.status,
        "last_sync_at": instant(one.last_sync_at),
        "last_good_at": instant(one.last_good_at),
        "last_error": one.last_error,
    }


def _sync(here: Installation, tenant: Tenant, platform: str) -> list[Synced]:
    with here.database.connect(tenant.tenant_id, read_only=True) as conn:
        sources = connections(conn, tenant, platform)
    ended = []
    for one in sources:
        try:
            with progress() as report:
                ended.append(sync(here.database, one, vault_of(here.settings), on_progress=report))
        except Conflict as busy:
            terminal.note(busy.message)
    return ended


def _say(done: Synced, *, as_json: bool) -> None:
    if as_json:
        terminal.result(exact_json.dumps(done.as_json()))
        return
    what = f"{done.new} new, {done.changed} changed, {done.unchanged} unchanged" if done.pages else "nothing new"
    terminal.result(f"{done.tenant} {done.platform} ({done.connection}): {what}")
    for problem in done.problems:
        terminal.note(f"  {problem}")


def _row(one: Connection) -> tuple[object, ...]:
    last = f"{one.last_sync_at:%Y-%m-%d %H:%M} UTC" if one.last_sync_at else "never"
    problem = one.last_error.partition("\n")[0] if one.last_error else ""
    return (one.connection_id, one.platform, one.name, one.kind, one.status, last, problem)
