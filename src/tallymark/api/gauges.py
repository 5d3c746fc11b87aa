"""How the parts of this process stand: read when somebody asks, not counted along the way."""

from collections.abc import Iterator

from tallymark.api.instance import Instance
from tallymark.db import Database
from tallymark.errors import DatabaseUnavailable
from tallymark.monitoring import Reading, Readings
from tallymark.tasks import records, standing


def gauges(parts: Instance) -> Iterator[Reading]:
    for pool, usage in parts.database.usage().items():
        yield "db_pool_connections", (pool, "used"), usage.used
        yield "db_pool_connections", (pool, "idle"), usage.idle
        yield "db_pool_connections_max", (pool,), usage.most
        yield "db_pool_waiting", (pool,), usage.waiting
        yield "db_pool_wait_seconds_total", (pool,), usage.waited_seconds
        yield "db_pool_timeouts_total", (pool,), usage.timeouts
    if (follower := parts.database.follower) is not None:
        yield "replica_up", (), float(follower.unfit() is None)
        if follower.lag is not None:
            yield "replica_lag_seconds", (), follower.lag
    memory = parts.answers.memory
    yield "cache_memory_bytes", (), memory.used
    yield "cache_memory_entries", (), len(memory)
    if parts.shared is not None:
        yield "shared_cache_breaker_open", (), float(parts.shared.away)
    yield "event_streams", (), parts.streams.taken
    yield "draining", (), float(parts.streams.closing)


def of_work(database: Database) -> Readings:
    """How the background work stands, of the whole installation; nothing where the database is away."""
    try:
        with records.engine(database) as conn:
            found = standing.health(conn)
    except DatabaseUnavailable:
        return {}
    told: Readings = {
        "job_workers": {(): found.workers},
        "jobs_running": {(): found.running},
        "jobs_waiting": {(): found.waiting},
        "jobs_dead": {(): found.dead_letters},
        "jobs_oldest_overdue_seconds": {(): found.oldest_overdue or 0.0},
    }
    return told if found.tick_age is None else told | {"scheduler_tick_age_seconds": {(): found.tick_age}}
