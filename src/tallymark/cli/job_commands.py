"""The language of `tallymark jobs`: only declarations, as in `commands`."""

from typing import Annotated, Any

import typer

# Help is printed plain: it is the same on a terminal, in a pipe and in docs/commands.md.
LANGUAGE: dict[str, Any] = {"rich_markup_mode": None, "add_completion": False, "no_args_is_help": True}

jobs_app = typer.Typer(help="What is done in the background, by the clock or when asked for.", **LANGUAGE)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs: one object a line.")]
ForTenant = Annotated[
    str | None,
    typer.Option("--tenant", metavar="SLUG", help="Only for this tenant; for all of them together when left out."),
]
Name = Annotated[str, typer.Argument(metavar="ID", help="The job, as `jobs list` names it.")]


@jobs_app.command("list")
def list_jobs(tenant: ForTenant = None, json: Json = False) -> int:
    """List the jobs, how they stand and when they run next."""
    from tallymark.cli.jobs import list_jobs

    return list_jobs(tenant, as_json=json)


@jobs_app.command()
def trigger(job: Name, tenant: ForTenant = None) -> int:
    """Have a job run soon, and print the id of the run. While one is under way, one more follows it."""
    from tallymark.cli.jobs import trigger

    return trigger(job, tenant)


@jobs_app.command()
def stop(job: Name, tenant: ForTenant = None) -> int:
    """Stop a job: what waits, what is under way, and its schedule until it is started again."""
    from tallymark.cli.jobs import stop

    return stop(job, tenant)


@jobs_app.command()
def restart(job: Name, tenant: ForTenant = None) -> int:
    """Switch a job's schedule on again, have it run soon, and print the id of the run."""
    from tallymark.cli.jobs import restart

    return restart(job, tenant)


@jobs_app.command()
def schedule(
    job: Name,
    tenant: ForTenant = None,
    cron: Annotated[
        str | None, typer.Option(metavar="CRON", help="Five fields, or six with seconds first: `0 */2 * * *`.")
    ] = None,
    timezone: Annotated[str | None, typer.Option(metavar="Z", help="The zone of those hours and days.")] = None,
    missed: Annotated[
        str | None, typer.Option(metavar="skip|once", help="What becomes of due times at which nobody worked.")
    ] = None,
    enabled: Annotated[bool | None, typer.Option("--on/--off", help="Switch it on or off.")] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Back to what the job declares, or holds for all.")] = False,
) -> int:
    """Show or change when a job runs by itself; what is not given stays as it is."""
    from tallymark.cli.jobs import plan

    return plan(job, tenant, cron, timezone, missed, enabled, reset=reset)


@jobs_app.command()
def runs(
    job: Annotated[str | None, typer.Argument(metavar="[ID]", help="Only of this job.")] = None,
    tenant: ForTenant = None,
    dead: Annotated[bool, typer.Option("--dead", help="Only dead letters: what has failed for good.")] = False,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="How many.")] = 20,
    json: Json = False,
) -> int:
    """List the newest runs."""
    from tallymark.cli.jobs import list_runs

    return list_runs(job, tenant, dead=dead, limit=limit, as_json=json)


@jobs_app.command()
def retry(run: Annotated[str, typer.Argument(metavar="RUN", help="The id of a run that has failed.")]) -> int:
    """Have a run that has failed tried again."""
    from tallymark.cli.jobs import retry

    return retry(run)
