"""Which tenants there are."""

import re
from typing import Any
from zoneinfo import available_timezones

from psycopg import Connection

from tallymark.db.queries import load
from tallymark.errors import BadQuestion, Conflict, UnknownTenant
from tallymark.model import Tenant, money

SQL = load("tallymark.db", "directory.sql")

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
LONGEST_NAME = 200


def find_tenant(conn: Connection[Any], slug: str) -> Tenant:
    """The active tenant of this slug. Raises UnknownTenant."""
    row = conn.execute(SQL.find, {"slug": slug}).fetchone()
    if row is None:
        raise UnknownTenant(f"There is no tenant {slug!r}.", hint="Run: tallymark tenant list")
    return Tenant(*row)


def all_tenants(conn: Connection[Any]) -> list[Tenant]:
    """Every active tenant, by slug."""
    return [Tenant(*row) for row in conn.execute(SQL.all)]


def create_tenant(conn: Connection[Any], slug: str, name: str, timezone: str, currency: str) -> Tenant:
    """A new tenant; its zone and currency decide days and sums from the first order on.

    Raises BadQuestion for a wrong slug, name, zone or currency and Conflict where the slug is taken.
    """
    if not _SLUG.fullmatch(slug):
        raise BadQuestion(f"A tenant's slug has lower-case letters, digits and hyphens; not {slug!r}.")
    if not 1 <= len(name.strip()) <= LONGEST_NAME:
        raise BadQuestion(f"A tenant's name has between 1 and {LONGEST_NAME} characters.")
    known = conn.execute(SQL.knows_timezone, {"timezone": timezone}).fetchone()
    if timezone not in available_timezones() or not (known and known[0]):
        raise BadQuestion(f"There is no time zone {timezone!r}.", hint="Use an IANA name such as Europe/London.")
    if wrong := money.wrong_code(currency):
        raise BadQuestion(wrong)
    fields = {"slug": slug, "name": name.strip(), "timezone": timezone, "currency": currency}
    row = conn.execute(SQL.create, fields).fetchone()
    if row is None:
        raise Conflict(f"There is a tenant {slug!r} already.")
    return Tenant(*row)
