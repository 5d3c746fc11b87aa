"""`tallymark work`."""

from tallymark.cli.installation import log_to_standard_error
from tallymark.engine import work
from tallymark.settings import Settings


def run(concurrency: int, *, beside: bool) -> int:
    settings = Settings.from_environment()
    log_to_standard_error("info")
    work(settings, concurrency, beside=beside)
    return 0
