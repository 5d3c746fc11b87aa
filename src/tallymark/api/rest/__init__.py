"""The REST routes."""

from tallymark.api.rest import (
    clients,
    connections,
    dashboard,
    events,
    exports,
    imports,
    inventory,
    jobs,
    live,
    metrics,
    people,
    performance,
    probes,
    rates,
    refresh,
    runs,
    scraped,
    sessions,
    status,
)

ROUTERS = (
    sessions.router,
    dashboard.router,
    inventory.router,
    live.router,
    clients.router,
    refresh.router,
    runs.router,
    status.router,
    metrics.router,
    exports.router,
    jobs.router,
    rates.router,
    connections.router,
    imports.router,
    events.router,
    people.router,
    probes.router,
    scraped.router,
    performance.router,
)

__all__ = ["ROUTERS"]
