"""What every worker sees to besides its runs: whoever has changes gets a refresh."""

from typing import Any

from psycopg import Connection

from tallymark.tasks import ledger, wakeups


def watch(conn: Connection[Any], *, quiet: float, longest: float) -> int:
    """Has everybody served whose time has come; returns how many. `conn` is the engine's.

    That somebody was taken on and that the run waits is committed together; should the run be lost nevertheless, it is
    taken on again.
    """
    due = wakeups.take_on(conn, quiet=quiet, longest=longest)
    for tenant_id in due:
        ledger.enqueue(conn, "wake", tenant_id, trigger="event", triggered_by="event")
    return len(due)
