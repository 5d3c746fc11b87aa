"""The language of the command line: every command, its words and what they mean.

Only declarations; the work is in the modules beside this one, loaded by the command that needs them, so that help is
there at once.
"""

from pathlib import Path
from typing import Annotated

import typer

from tallymark.cli.job_commands import LANGUAGE, jobs_app

app = typer.Typer(
    help="Analytics for commerce: exact figures, kept fresh. Results are printed on standard output, progress and"
    " errors on standard error. Exit status: 0 done, 1 the work found a problem, 2 wrong use.",
    **LANGUAGE,
)
tenant_app = typer.Typer(help="The shops whose figures are kept.", **LANGUAGE)
user_app = typer.Typer(help="The people who may sign in.", **LANGUAGE)
key_app = typer.Typer(help="The keys of programs.", **LANGUAGE)
app.add_typer(tenant_app, name="tenant")
rates_app = typer.Typer(help="What other currencies are worth in the shop's own.", **LANGUAGE)
app.add_typer(user_app, name="user")
app.add_typer(key_app, name="key")
app.add_typer(rates_app, name="rates")
app.add_typer(jobs_app, name="jobs")
connect_app = typer.Typer(help="Where a shop's records are fetched from.", **LANGUAGE)
app.add_typer(connect_app, name="connect")

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs: one object a line.")]
OneTenant = Annotated[str, typer.Option("--tenant", metavar="SLUG", help="The tenant.")]
SomeTenant = Annotated[
    str | None,
    typer.Option("--tenant", metavar="SLUG", help="The tenant; not needed where there is only one."),
]
Platform = Annotated[str, typer.Option("--platform", metavar="P", help="One platform's name, or all of them together.")]


@app.command()
def demo(
    orders: Annotated[int, typer.Option(min=1, metavar="N", help="How many orders the shop has had.")] = 100_000,
    seed: Annotated[int, typer.Option(metavar="N", help="The same number makes the same shop again.")] = 42,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, metavar="P", help="The port, instead of TALLYMARK_PORT.")
    ] = None,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Make the shop, but do not serve it.")] = False,
) -> int:
    """Make a demo shop, unless it is there already, and serve it."""
    from tallymark.cli.demo import run

    return run(orders, seed, port, serving=not no_serve)


@app.command()
def serve(
    host: Annotated[
        str | None, typer.Option(metavar="H", help="The address to listen on, instead of TALLYMARK_HOST.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, metavar="P", help="The port, instead of TALLYMARK_PORT.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, metavar="N", help="How many processes answer.")] = 1,
    no_work: Annotated[
        bool, typer.Option("--no-work", help="Answer only: `tallymark work` does the background work elsewhere.")
    ] = False,
) -> int:
    """Serve the API and the dashboard, and do the background work beside it, until interrupted."""
    from tallymark.cli.serving import run

    return run(host, port, workers, working=not no_work)


@app.command()
def work(
    concurrency: Annotated[int, typer.Option(min=1, metavar="N", help="How many jobs at once.")] = 2,
    beside: Annotated[bool, typer.Option("--beside", hidden=True)] = False,
) -> int:
    """Do the background work until interrupted: what is due and what is asked for. Any number may share a database."""
    from tallymark.cli.working import run

    return run(concurrency, beside=beside)


@app.command()
def migrate(json: Json = False) -> int:
    """Bring the database schema up to date, and print what was applied."""
    from tallymark.cli.migrating import run

    return run(as_json=json)


@app.command()
def doctor(json: Json = False) -> int:
    """Check the installation; each line is ok, warn or fail, with what to do. Exit status 1 where something fails."""
    from tallymark.cli.doctor import run

    return run(as_json=json)


@app.command()
def status(json: Json = False) -> int:
    """Show for each tenant how old its figures are, what waits to be counted, and the last run."""
    from tallymark.cli.status import run

    return run(as_json=json)


@tenant_app.command("create")
def create_tenant(
    slug: Annotated[str, typer.Argument(metavar="SLUG", help="Its short name: lower-case letters, digits, hyphens.")],
    name: Annotated[str, typer.Option(metavar="N", help="Its name, for people.")],
    timezone: Annotated[str, typer.Option(metavar="Z", help="The zone that decides its days, such as Europe/London.")],
    currency: Annotated[str, typer.Option(metavar="C", help="The currency of its figures, such as GBP.")],
) -> int:
    """Add a tenant. Its zone and its currency decide days and sums from the first order on."""
    from tallymark.cli.directory import create_tenant

    return create_tenant(slug, name, timezone, currency)


@tenant_app.command("list")
def list_tenants(json: Json = False) -> int:
    """List the tenants."""
    from tallymark.cli.directory import list_tenants

    return list_tenants(as_json=json)


@user_app.command("create")
def create_user(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="The address to sign in with.")],
    tenant: OneTenant,
    role: Annotated[str, typer.Option(metavar="admin|analyst|viewer", help="What the user may do there.")],
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input, one line.")
    ] = False,
) -> int:
    """Add a user to a tenant. Without --password-stdin a password is made and printed, alone."""
    from tallymark.cli.directory import create_user

    return create_user(email, tenant, role, from_standard_input=password_stdin)


Currency = Annotated[str, typer.Argument(metavar="CURRENCY", help="The other currency, such as USD.")]
FromDay = Annotated[str, typer.Argument(metavar="DAY", help="The local day it holds from, such as 2026-03-01.")]


@rates_app.command("set")
def set_rate(
    currency: Currency,
    day: FromDay,
    rate: Annotated[str, typer.Argument(metavar="RATE", help="What one unit is worth in the shop's own currency.")],
    tenant: SomeTenant = None,
) -> int:
    """Set the rate of a currency from a day on, until the day of its next rate."""
    from tallymark.cli.rates import set_rate

    return set_rate(tenant, currency, day, rate)


@rates_app.command("list")
def list_rates(
    tenant: SomeTenant = None,
    currency: Annotated[str | None, typer.Option(metavar="C", help="Of this currency only.")] = None,
    json: Json = False,
) -> int:
    """List the rates, the newest first."""
    from tallymark.cli.rates import list_rates

    return list_rates(tenant, currency, as_json=json)


@rates_app.command("remove")
def remove_rate(currency: Currency, day: FromDay, tenant: SomeTenant = None) -> int:
    """Remove the rate of a currency from a day on: the one before it holds instead."""
    from tallymark.cli.rates import remove_rate

    return remove_rate(tenant, currency, day)


@user_app.command("list")
def list_users(tenant: SomeTenant = None, json: Json = False) -> int:
    """List who belongs to a tenant."""
    from tallymark.cli.people import list_users

    return list_users(tenant, as_json=json)


@user_app.command("role")
def change_role(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="The address of a user.")],
    role: Annotated[str, typer.Argument(metavar="admin|analyst|viewer", help="What the user may do from now on.")],
    tenant: SomeTenant = None,
) -> int:
    """Give a user another role in a tenant. The last admin stays one."""
    from tallymark.cli.people import change_role

    return change_role(email, tenant, role)


@user_app.command("remove")
def remove_user(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="The address of a user.")], tenant: SomeTenant = None
) -> int:
    """Take a user out of a tenant; the account stays, for others it may belong to."""
    from tallymark.cli.people import remove_user

    return remove_user(email, tenant)


@user_app.command("password")
def set_password(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="The address of a user.")],
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input, one line.")
    ] = False,
) -> int:
    """Give a user another password, which ends their sessions. Without --password-stdin one is made and printed."""
    from tallymark.cli.people import set_password

    return set_password(email, from_standard_input=password_stdin)


@key_app.command("create")
def create_key(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the key is for.")],
    tenant: SomeTenant = None,
    role: Annotated[str, typer.Option(metavar="admin|analyst|viewer", help="What it may do at most.")] = "viewer",
    scopes: Annotated[
        str, typer.Option(metavar="S,S…", help="And of that only these: read, refresh, events, manage.")
    ] = "read",
) -> int:
    """Make a key for a program, and print it, alone: it is shown this once."""
    from tallymark.cli.people import create_key

    return create_key(name, tenant, role, scopes)


@key_app.command("list")
def list_keys(tenant: SomeTenant = None, json: Json = False) -> int:
    """List the keys of a tenant, by their endings."""
    from tallymark.cli.people import list_keys

    return list_keys(tenant, as_json=json)


@key_app.command("revoke")
def revoke_key(
    key: Annotated[int, typer.Argument(metavar="ID", min=1, help="The key's number, as `key list` shows it.")],
    tenant: SomeTenant = None,
) -> int:
    """End a key at once."""
    from tallymark.cli.people import revoke_key

    return revoke_key(key, tenant)


@app.command()
def token(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="The address of a user.")],
    tenant: Annotated[
        str | None, typer.Option("--tenant", metavar="SLUG", help="Refuse unless the user belongs to this tenant.")
    ] = None,
) -> int:
    """Print an access token for the user, alone."""
    from tallymark.cli.directory import print_token

    return print_token(email, tenant)


@app.command("import")
def import_(
    file: Annotated[
        list[Path], typer.Argument(metavar="FILE", exists=True, dir_okay=False, readable=True, help="What to import.")
    ],
    tenant: OneTenant,
    platform: Annotated[
        str, typer.Option("--platform", metavar="P", help="The platform that the records are of.")
    ] = "files",
    mapping: Annotated[
        Path | None,
        typer.Option(metavar="MAP.sql", exists=True, dir_okay=False, help="How other columns become ours."),
    ] = None,
    preset: Annotated[str | None, typer.Option(metavar="NAME", help="A mapping that ships with Tallymark.")] = None,
    json: Json = False,
) -> int:
    """Import files: CSV, Parquet, Excel or JSON, all of them or nothing. The same import twice changes nothing."""
    from tallymark.cli.importing import run

    return run(file, tenant, platform, mapping, preset, as_json=json)


@connect_app.command("folder")
def connect_folder(
    folder: Annotated[
        Path, typer.Argument(metavar="PATH", exists=True, file_okay=False, readable=True, help="A folder of files.")
    ],
    tenant: OneTenant,
    platform: Annotated[str, typer.Option("--platform", metavar="P", help="The platform that its records are of.")],
    name: Annotated[str | None, typer.Option(metavar="NAME", help="What to call it, where a platform has two.")] = None,
    preset: Annotated[str | None, typer.Option(metavar="NAME", help="A mapping that ships with Tallymark.")] = None,
) -> int:
    """Connect a folder: files that appear in it, or change, are imported by every sync."""
    from tallymark.cli.connecting import connect_folder

    return connect_folder(folder, tenant, platform, name, preset)


@connect_app.command("events")
def connect_events(
    tenant: OneTenant,
    platform: Annotated[str, typer.Option("--platform", metavar="P", help="The platform that its events are of.")],
    name: Annotated[str | None, typer.Option(metavar="NAME", help="What to call it, where a platform has two.")] = None,
) -> int:
    """Connect a source that sends signed events, and print the secret it signs with, this once."""
    from tallymark.cli.connecting import connect_events

    return connect_events(tenant, platform, name)


@connect_app.command("list")
def list_connections(tenant: SomeTenant = None, json: Json = False) -> int:
    """List the sources of a shop, and how their last syncs went."""
    from tallymark.cli.connecting import list_connections

    return list_connections(tenant, as_json=json)


@connect_app.command("test")
def check_connection(
    connection: Annotated[int, typer.Argument(metavar="ID", min=1, help="Its number, as `connect list` shows it.")],
    tenant: SomeTenant = None,
) -> int:
    """Look whether a source can be read; nothing is fetched. Exit status 1 where it cannot."""
    from tallymark.cli.connecting import check_connection

    return check_connection(connection, tenant)


@connect_app.command("remove")
def remove_connection(
    connection: Annotated[int, typer.Argument(metavar="ID", min=1, help="Its number, as `connect list` shows it.")],
    tenant: SomeTenant = None,
) -> int:
    """Forget a source. The records that came from it stay."""
    from tallymark.cli.connecting import remove_connection

    return remove_connection(connection, tenant)


@app.command()
def sync(
    tenant: Annotated[
        str | None, typer.Option("--tenant", metavar="SLUG", help="The tenant; all of them by default.")
    ] = None,
    platform: Platform = "all",
    json: Json = False,
) -> int:
    """Fetch what is new at the sources that are connected. Exit status 1 where something could not be taken."""
    from tallymark.cli.connecting import run_sync

    return run_sync(tenant, platform, as_json=json)


@app.command()
def refresh(
    tenant: SomeTenant = None,
    every: Annotated[bool, typer.Option("--all", help="Every tenant, one after the other.")] = False,
    platform: Platform = "all",
    force: Annotated[bool, typer.Option("--force", help="Work out every metric, even where nothing changed.")] = False,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Make everything anew that is kept: puts right what `verify` finds.")
    ] = False,
    json: Json = False,
) -> int:
    """Bring figures up to date, at the cost of what has changed. Exit status 1 where a metric failed."""
    from tallymark.cli.refreshing import run

    return run(tenant, every, platform, force, rebuild=rebuild, as_json=json)


@app.command()
def ask(
    metric: Annotated[str, typer.Argument(metavar="METRIC", help="The name of a metric, such as sales_overview.")],
    tenant: SomeTenant = None,
    platform: Platform = "all",
    param: Annotated[
        list[str] | None, typer.Option(metavar="KEY=VALUE", help="A parameter, such as from=2026-01-01; repeatable.")
    ] = None,
    max_age: Annotated[
        float | None, typer.Option(min=0, metavar="SECONDS", help="Refresh first where the figures are older.")
    ] = None,
    json: Json = False,
) -> int:
    """Print one metric and how old it is; --json prints the answer as HTTP gives it."""
    from tallymark.cli.asking import run

    return run(metric, tenant, platform, param or [], max_age, as_json=json)


@app.command()
def cleanup(json: Json = False) -> int:
    """Remove records that are older than they have to be kept, and renew statistics. The jobs do this by themselves."""
    from tallymark.cli.cleaning import run

    return run(as_json=json)


@app.command()
def archive(
    before: Annotated[
        str | None, typer.Option(metavar="DATE", help="Whole months before this day; two years ago by default.")
    ] = None,
    tenant: Annotated[
        str | None, typer.Option("--tenant", metavar="SLUG", help="The tenant; all of them by default.")
    ] = None,
    restore: Annotated[bool, typer.Option("--restore", help="Bring everything back instead.")] = False,
    json: Json = False,
) -> int:
    """Put order lines of long ago into files; every figure stays, and lines that are needed come back by themselves."""
    from tallymark.cli.archiving import run

    return run(before, tenant, restoring=restore, as_json=json)


@app.command()
def verify(
    tenant: Annotated[
        str | None, typer.Option("--tenant", metavar="SLUG", help="The tenant; all of them by default.")
    ] = None,
    json: Json = False,
) -> int:
    """Compare every stored figure with a full recount. Exit status 1 where any differs."""
    from tallymark.cli.verifying import run

    return run(tenant, as_json=json)
