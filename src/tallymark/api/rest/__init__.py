"""The REST routes."""

from tallymark.api.rest import dashboard, metrics, probes, refresh, runs, sessions, status

ROUTERS = (sessions.router, dashboard.router, refresh.router, runs.router, status.router, metrics.router, probes.router)

__all__ = ["ROUTERS"]
