"""Which route a request went to, and in which shop: what it is counted under."""

from starlette.types import Scope

from tallymark.monitoring import OTHER

TENANT = "tallymark.tenant"


def route_of(scope: Scope) -> str:
    """The template of its path: a path itself may be anything, and as many as there are callers."""
    route = scope.get("route")
    path = getattr(route, "path", None)
    return path if isinstance(path, str) else OTHER


def within(scope: Scope, tenant_id: int) -> None:
    """Notes the shop that somebody was let into."""
    scope[TENANT] = tenant_id


def tenant_of(scope: Scope) -> int | None:
    found = scope.get(TENANT)
    return found if isinstance(found, int) else None
