"""`tallymark rates`: what other currencies are worth."""

from dataclasses import asdict
from datetime import date
from decimal import Decimal, InvalidOperation

from tallymark.cli import terminal
from tallymark.cli.installation import installation
from tallymark.cli.tables import show
from tallymark.errors import BadQuestion
from tallymark.ingest import rates
from tallymark.model import exact_json


def set_rate(slug: str | None, currency: str, day: str, rate: str) -> int:
    given = rates.ExchangeRate(currency, _day(day), _number(rate))
    with installation() as here:
        tenant = here.tenant(slug)
        with here.database.connect(tenant.tenant_id) as conn:
            rates.set_rate(conn, tenant, given)
    terminal.result(f"1 {currency} = {rate} {tenant.currency} from {given.day} on.")
    terminal.note(f"Next: tallymark refresh --tenant {tenant.slug}")
    return 0


def remove_rate(slug: str | None, currency: str, day: str) -> int:
    since = _day(day)
    with installation() as here:
        tenant = here.tenant(slug)
        with here.database.connect(tenant.tenant_id) as conn:
            rates.remove_rate(conn, tenant, currency, since)
    terminal.result(f"Removed the rate of {currency} from {since}.")
    terminal.note(f"Next: tallymark refresh --tenant {tenant.slug}")
    return 0


def list_rates(slug: str | None, currency: str | None, *, as_json: bool) -> int:
    with installation() as here:
        tenant = here.tenant(slug)
        with here.database.connect(tenant.tenant_id, read_only=True) as conn:
            found = rates.exchange_rates(conn, tenant, currency)
    if as_json:
        for rate in found:
            terminal.result(exact_json.dumps(asdict(rate) | {"day": rate.day.isoformat()}))
    elif found:
        show(("currency", "from", tenant.currency), [(rate.currency, rate.day, rate.rate) for rate in found])
    else:
        terminal.note("There is no rate yet." if currency is None else f"There is no rate of {currency} yet.")
    return 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadQuestion(f"{text!r} is no day.", hint="A day is written as 2026-03-01.") from None


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise BadQuestion(f"{text!r} is no number.", hint="A rate is written as 0.92.") from None
