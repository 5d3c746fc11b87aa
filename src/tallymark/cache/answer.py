"""From a question to its answer. It never writes, and never waits for a refresh."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

from tallymark.db import Database
from tallymark.metrics import Catalog
from tallymark.model import Answer, Question, Tenant

Tier = Literal["stored", "rollup"]


def answer(
    database: Database,
    catalog: Catalog,
    tenant: Tenant,
    question: Question,
    *,
    now: datetime,
    stale_after: timedelta,
    refresh: Callable[[], object] | None = None,
) -> tuple[Answer, Tier]:
    """The answer and where it came from. Raises NotBuilt where nothing was ever published.

    `refresh` is called once when the figures are older than the question's `max_age`.
    """
    raise NotImplementedError
