"""`tallymark cleanup`: what the weekly and the nightly job do, now."""

from tallymark.cli import terminal
from tallymark.cli.installation import installation
from tallymark.cli.tables import show
from tallymark.model import exact_json
from tallymark.tasks import clean_up, upkeep


def run(*, as_json: bool) -> int:
    with installation() as here:
        removed = clean_up(here.database, here.all_tenants(), here.settings)
        analyzed = upkeep(here.database)
    if as_json:
        terminal.result(exact_json.dumps({"removed": removed, "analyzed": analyzed}))
        return 0
    if any(removed.values()):
        show(("removed", "of"), [(count, what) for what, count in removed.items() if count])
    else:
        terminal.note("Nothing is older than it has to be kept.")
    return 0
