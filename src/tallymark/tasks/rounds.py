"""Bodies of the jobs that go round all shops: the two-hour cycle, and the wake-ups in between."""

from collections.abc import Mapping

from tallymark.connectors import Vault
from tallymark.tasks import wakeups
from tallymark.tasks.cycle import cycle
from tallymark.tasks.work import Interrupted, Work


def go_round(work: Work) -> Mapping[str, object]:
    """Fetches what is new and refreshes whose figures wait for it."""
    done = cycle(
        work.database,
        work.catalog,
        vault_of(work),
        only=work.tenant.slug if work.tenant else None,
        stopping=work.stopping,
        on_progress=lambda done, total: work.progress(done, total, "refreshing"),
        slow_ms=work.settings.slow_query_threshold_ms,
    )
    if done.stopped:
        raise Interrupted
    return done.summary()


def wake(work: Work) -> Mapping[str, object]:
    """Serves the changes and events that wait for one shop."""
    if work.tenant is None:
        return {"served": []}
    served = wakeups.serve(
        work.database,
        work.catalog,
        vault_of(work),
        work.tenant,
        stopping=work.stopping,
        slow_ms=work.settings.slow_query_threshold_ms,
    )
    return {"served": [platform or "changes" for platform in served.platforms] if served else []}


def vault_of(work: Work) -> Vault:
    """What opens the credentials of this installation."""
    return Vault(work.settings.require_secret(), work.settings.earlier_secrets)
