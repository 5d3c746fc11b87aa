"""`tallymark work`."""

from tallymark.engine import work
from tallymark.monitoring import log_to_standard_error
from tallymark.settings import Settings


def run(concurrency: int, *, beside: bool) -> int:
    settings = Settings.from_environment()
    log_to_standard_error("info", settings.log_format)
    work(settings, concurrency, beside=beside)
    return 0
