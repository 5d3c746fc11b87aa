"""Exchange rates entered one by one; whole tables of them are imported as any other kind."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from psycopg import Connection

from tallymark.db.queries import load
from tallymark.errors import BadQuestion, NotFound
from tallymark.model import Tenant, money

SQL = load("tallymark.ingest", "rates.sql")
MERGE = load("tallymark.ingest", "merge.sql")
MOST_DIGITS = 30
YEARS = range(1970, 2200)


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """One unit of `currency` is worth `rate` units of the tenant's, from the local `day` until the next rate's."""

    currency: str
    day: date
    rate: Decimal


def exchange_rates(
    conn: Connection[Any], tenant: Tenant, currency: str | None = None, limit: int | None = None
) -> list[ExchangeRate]:
    """The rates that are known, of one currency or all, the newest first."""
    values = {"tenant": tenant.tenant_id, "currency": currency, "limit": limit}
    return [ExchangeRate(*row) for row in conn.execute(SQL.rates, values)]


def set_rate(conn: Connection[Any], tenant: Tenant, rate: ExchangeRate) -> None:
    """Keeps the rate, in place of what that day had; the next refresh counts the orders that it holds for anew.

    Raises BadQuestion for what is no rate: of the tenant's own currency, not above 0, outside the years we know.
    """
    if wrong := money.wrong_code(rate.currency):
        raise BadQuestion(wrong)
    if rate.currency == tenant.currency:
        raise BadQuestion(f"{tenant.currency} is the shop's own currency: rates are of other ones.")
    if rate.day.year not in YEARS:
        raise BadQuestion(f"A rate's day is in the years {YEARS[0]} to {YEARS[-1]}; not {rate.day}.")
    small_enough = len(rate.rate.as_tuple().digits) <= MOST_DIGITS and rate.rate.is_finite()
    if not (small_enough and rate.rate > 0 and abs(rate.rate.adjusted()) <= MOST_DIGITS):
        raise BadQuestion(f"A rate is a decimal number above 0 of at most {MOST_DIGITS} digits.")
    _lock(conn, tenant)
    values = {"tenant": tenant.tenant_id, "currency": rate.currency, "day": rate.day, "rate": rate.rate}
    conn.execute(SQL.put, values)


def remove_rate(conn: Connection[Any], tenant: Tenant, currency: str, day: date) -> None:
    """Forgets a rate: the one before it holds until the next. Raises NotFound where there is none."""
    _lock(conn, tenant)
    values = {"tenant": tenant.tenant_id, "currency": currency, "day": day}
    if conn.execute(SQL.remove, values).rowcount == 0:
        raise NotFound(f"There is no rate of {currency} from {day}.")


def _lock(conn: Connection[Any], tenant: Tenant) -> None:
    kinds = {"platforms": [""], "kinds": ["exchange_rates"]}
    conn.execute(MERGE.lock, {"tenant": tenant.tenant_id, **kinds})
