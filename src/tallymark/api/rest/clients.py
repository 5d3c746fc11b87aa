"""All shops of a person at a glance: how old their figures are, and what they sold lately."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from psycopg.rows import dict_row

from tallymark.api.auth import Membership, Person
from tallymark.api.instance import Instance
from tallymark.api.rest import shapes
from tallymark.api.rest.access import SIGNED_IN, Parts
from tallymark.api.rest.dashboard import stale
from tallymark.api.rest.shapes import refusals
from tallymark.db.queries import load
from tallymark.metrics import prewarmed
from tallymark.model import ALL_PLATFORMS, exact_json, instant
from tallymark.results import Publication
from tallymark.tasks import LOCK_CLASS

SQL = load("tallymark.api.rest", "clients.sql")
METRIC = "inventory_analytics"
"""Every refresh keeps its last 30 days and their growth ready, of all platforms together in the first row."""

router = APIRouter(prefix="/api", tags=["dashboard"])


@router.get("/clients", response_model=shapes.Clients, responses=refusals(401, 403), summary="All your shops")
async def clients(person: Annotated[Person, Depends(SIGNED_IN)], parts: Parts) -> Response:
    """Of every shop that you belong to how fresh its figures are, and its stored sales. Nothing is computed."""
    key = ("clients", person.user.user_id, person.memberships)
    body = await parts.bodies.get(key, lambda: _look(parts, person))
    return Response(body, media_type="application/json")


def _look(parts: Instance, person: Person) -> bytes:
    now = datetime.now(UTC)
    found = _found(parts, person, now) if person.memberships else {}
    rows = [
        _client(parts, membership, found.get(membership.tenant.tenant_id), now) for membership in person.memberships
    ]
    return exact_json.dumps({"success": True, "data": {"clients": rows}}).encode()


def _found(parts: Instance, person: Person, now: datetime) -> Mapping[int, Mapping[str, Any]]:
    """The question is stored in the same words for all."""
    question = prewarmed(parts.catalog, METRIC, ALL_PLATFORMS, person.memberships[0].tenant, now)[0]
    asked = {
        "person": person.user.user_id,
        "metric": METRIC,
        "question": question.parameters,
        "lock_class": LOCK_CLASS,
    }
    with parts.database.connect(None, read_only=True) as conn, conn.cursor(row_factory=dict_row) as cursor:
        return {row["tenant_id"]: row for row in cursor.execute(SQL.glance, asked)}


def _client(parts: Instance, membership: Membership, found: Mapping[str, Any] | None, now: datetime) -> dict[str, Any]:
    tenant, published = membership.tenant, _publication(found)
    return {
        "slug": tenant.slug,
        "name": tenant.name,
        "timezone": tenant.timezone,
        "currency": tenant.currency,
        "role": membership.role,
        "version": published.version if published else 0,
        "checkedAt": instant(published.checked_at) if published else None,
        "dataThrough": instant(published.through(ALL_PLATFORMS)) if published else None,
        "isStale": stale(parts, published, now)[1],
        "isRefreshing": bool(found and found["refreshing"]),
        "lastRunFailed": bool(found and found["last_run"] == "failed"),
        "sales": _sales(found),
    }


def _publication(found: Mapping[str, Any] | None) -> Publication | None:
    if not found or found["published_at"] is None:
        return None
    through = {name: datetime.fromisoformat(at) for name, at in found["data_through"].items()}
    return Publication(found["version"], found["published_at"], found["checked_at"], through, settling=False)


def _sales(found: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """None where nothing is stored, or nothing was ever sold."""
    rows: Any = exact_json.loads(found["figures"]) if found and found["figures"] else None
    if not found or not rows:
        return None
    whole = rows[0]
    return {
        "from": found["first_day"].isoformat(),
        "to": found["last_day"].isoformat(),
        "computedAt": instant(found["computed_at"]),
        "netSales": whole["netSales"],
        "orders": whole["orders"],
        "growth": (whole["growth"] or {}).get("netSales"),
    }
