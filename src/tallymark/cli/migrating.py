"""`tallymark migrate`."""

from tallymark.cli import terminal
from tallymark.cli.installation import bare_database
from tallymark.db import check_version, migrations
from tallymark.model import exact_json
from tallymark.settings import Settings


def run(*, as_json: bool) -> int:
    with bare_database(Settings.from_environment()) as database, database.owner() as connection:
        check_version(connection)
        applied = migrations.apply(connection)
    if as_json:
        terminal.result(exact_json.dumps({"applied": applied}))
        return 0
    for name in applied:
        terminal.result(f"applied {name}")
    if not applied:
        terminal.result("The schema is up to date.")
    return 0
