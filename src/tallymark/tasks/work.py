"""What a job's body is given: the parts it works with, and its ways to say how far it is and that more is to do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from tallymark.db import Database
from tallymark.metrics import Catalog
from tallymark.model import Tenant
from tallymark.settings import Settings


class Interrupted(Exception):
    """The worker stops before the work is done: whatever is left is taken up again later, by whoever is there."""


class Report(Protocol):
    """Says how far the work is; cheap enough to call often."""

    def __call__(self, done: int | None = None, total: int | None = None, note: str = "") -> None: ...


class Enqueue(Protocol):
    """Has a job run, once, soon: `delay` seconds from now at the earliest. A run of it that waits already serves too.

    Runs with another `key` do not stand for each other. Returns the id of the run.
    """

    def __call__(
        self,
        job: str,
        tenant: Tenant | None = None,
        *,
        key: str = "",
        parameters: Mapping[str, object] | None = None,
        delay: float = 0.0,
    ) -> str: ...


def _unseen(done: int | None = None, total: int | None = None, note: str = "") -> None:
    return None


def _nowhere(
    job: str,
    tenant: Tenant | None = None,
    *,
    key: str = "",
    parameters: Mapping[str, object] | None = None,
    delay: float = 0.0,
) -> str:
    raise LookupError("this work is done outside the engine: nobody would run another job")


@dataclass(frozen=True, slots=True)
class Work:
    """One attempt at one run of a job.

    `tenant` is the only one it is for, or None: then `tenants()` are those it is for, every active one that has no
    schedule of its own for the job. A body that takes long asks `stopping()` now and then and raises Interrupted.
    """

    database: Database
    catalog: Catalog
    settings: Settings
    tenant: Tenant | None
    parameters: Mapping[str, object] = field(default_factory=dict)
    run_id: str = ""
    triggered_by: str = ""
    tenants: Callable[[], list[Tenant]] = list
    progress: Report = _unseen
    stopping: Callable[[], bool] = lambda: False
    enqueue: Enqueue = _nowhere

    def check(self) -> None:
        """Raises Interrupted once the worker is to stop."""
        if self.stopping():
            raise Interrupted
