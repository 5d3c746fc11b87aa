"""Random questions about a metric, what they mean to its plain query, and how that query's figures are printed.

Worked out anew from the words of docs/metrics.md, not with the planner: two ways to the same days must meet.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tallymark.metrics import Column, Metric, accepted, printed_name
from tallymark.model import Tenant

from .random_shop import PRODUCTS, Shop, random_shop

FIRST_DAY, LAST_DAY, NEVER = date(1, 1, 1), date(9999, 12, 31), datetime(1970, 1, 1, tzinfo=UTC)
ONE_DAY = timedelta(days=1)
PLACES = {"percent": 2, "ratio": 4}
MINOR_UNITS = {"JPY": 0}
DAYS = ("from", "to", "period")
# What a text parameter may name, where its metric does not list it.
NAMES = {"product_id": (*PRODUCTS, "unheard")}

Printed = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """A question about the shop of that number."""

    metric: Metric
    shop: int
    platform: str
    params: dict[str, str]
    as_of: datetime

    def __str__(self) -> str:
        return f"{self.metric.name} of shop {self.shop}, platform={self.platform}, {self.params}, as of {self.as_of}"


@st.composite
def questions(draw: st.DrawFn, metric: Metric, largest_shop: int) -> Asked:
    """Any days, any of the parameters the metric declares."""
    number = draw(st.integers(0, largest_shop) | st.integers(largest_shop // 2, largest_shop))
    shop = random_shop(number)
    params = draw(st.just({}) | _days(shop)) if metric.has_window else {}
    for name, parameter in accepted(metric).items():
        if name not in DAYS and (parameter.default is None or draw(st.booleans())):
            params[name] = draw(_values(name, parameter))
    _keep_short(metric, params)
    minutes = timedelta(minutes=draw(st.integers(0, 24 * 60 - 1)))
    as_of = datetime.combine(draw(st.dates(shop.first, shop.last)), time(), ZoneInfo(shop.timezone)) + minutes
    return Asked(metric, number, draw(st.sampled_from(["all", "all", "shopify", "amazon"])), params, as_of)


def _keep_short(metric: Metric, params: dict[str, str]) -> None:
    """Takes back what may be asked of fewer days only, where these may be more."""
    for name, parameter in metric.parameters.items():
        most = parameter.days.get(params.get(name, parameter.default))
        if most and any(day in params for day in DAYS):
            first, last = (date.fromisoformat(params[day]) if day in params else None for day in ("from", "to"))
            if not first or not last or (last - first).days >= most:
                del params[name]


def _days(shop: Shop) -> st.SearchStrategy[dict[str, str]]:
    days, half = st.dates(shop.first, shop.last), shop.first + (shop.last - shop.first) / 2
    wide, late = st.tuples(st.dates(shop.first, half), st.dates(half, shop.last)), st.dates(half, shop.last)
    spans = st.sampled_from(["today", "week", "month", "quarter", "year"])
    return st.one_of(
        (st.tuples(days, days) | wide | st.tuples(late, late)).map(
            lambda pair: {"from": str(min(pair)), "to": str(max(pair))}
        ),
        days.map(lambda day: {"from": str(day)}),
        days.map(lambda day: {"to": str(day)}),
        spans.map(lambda span: {"period": span}),
    )


def _values(name: str, parameter: Any) -> st.SearchStrategy[str]:
    if parameter.allowed:
        return st.sampled_from([str(value) for value in parameter.allowed])
    match parameter.type:
        case "integer":
            least = parameter.min or 0
            most = parameter.max if parameter.max is not None else least + 100
            return (st.integers(least, min(most, least + 4)) | st.integers(least, most)).map(str)
        case "boolean":
            return st.sampled_from(["true", "false"])
        case "text":
            return st.sampled_from(NAMES[name])
    raise NotImplementedError(f"a {parameter.type} to ask {name} with")


def plain_arguments(asked: Asked, tenant: Tenant) -> dict[str, Any]:
    """A value for each placeholder of a plain query."""
    metric, zone = asked.metric, ZoneInfo(tenant.timezone)
    chosen = {name: asked.params.get(name, parameter.default) for name, parameter in accepted(metric).items()}
    own = {
        name: int(chosen[name]) if parameter.type == "integer" else chosen[name] == "true"
        if parameter.type == "boolean" else chosen[name]
        for name, parameter in metric.parameters.items()
    }  # fmt: skip
    now = asked.as_of.astimezone(zone)
    first, last, runs = _window(metric, chosen, asked.params, now.date())
    return own | {
        "tenant": tenant.tenant_id,
        "platform": asked.platform,
        "clock": chosen.get("clock"),
        "timezone": tenant.timezone,
        "currency": tenant.currency,
        "as_of": asked.as_of,
        "first": first or FIRST_DAY,
        "last": last or LAST_DAY,
        **_before(chosen.get("compare", "none"), first, last, now if runs else None, zone),
    }


def _window(
    metric: Metric, chosen: dict[str, Any], params: dict[str, str], today: date
) -> tuple[date | None, date | None, bool]:
    """The first and the last day, and whether the window is still running."""
    first, last, runs = None, None, False
    if "from" in params or "to" in params:
        first = date.fromisoformat(params["from"]) if "from" in params else None
        last = date.fromisoformat(params["to"]) if "to" in params else None
        runs = first is not None and first <= today <= (last or today)
        last = today if runs else last or first
    elif "period" in params:
        first, last, runs = _beginning(params["period"], today), today, True
    elif metric.window.kind == "trailing":
        length = metric.window.count if isinstance(metric.window.count, int) else int(chosen[metric.window.count])
        first, last, runs = today - (length - 1) * ONE_DAY, today, True
        if metric.window.unit == "months":
            month = today.year * 12 + today.month - length
            first = date(month // 12, month % 12 + 1, 1)
    if metric.window.whole_months:
        first = first and first.replace(day=1)
        last = last and (last.replace(day=1) + 32 * ONE_DAY).replace(day=1) - ONE_DAY
        runs = False
    return first, last, runs


def _beginning(period: str, today: date) -> date:
    return {
        "today": today,
        "week": today - today.weekday() * ONE_DAY,
        "month": today.replace(day=1),
        "quarter": date(today.year, {1: 1, 2: 4, 3: 7, 4: 10}[(today.month + 2) // 3], 1),
        "year": date(today.year, 1, 1),
    }[period]


def _before(
    compare: str, first: date | None, last: date | None, now: datetime | None, zone: ZoneInfo
) -> dict[str, object]:
    """The days before; `now` where the window runs, so that the last of them is cut at the same time."""
    if first is None or last is None or compare == "none":
        return {"before_first": LAST_DAY, "before_last": FIRST_DAY, "before_until": NEVER}
    if compare == "year":  # No shop has a 29 February.
        before_first, before_last = first.replace(year=first.year - 1), last.replace(year=last.year - 1)
    else:
        before_first, before_last = first - (last - first) - ONE_DAY, first - ONE_DAY
    until = datetime.combine(before_last, now.time(), zone) if now else _midnight(before_last + ONE_DAY, zone)
    return {"before_first": before_first, "before_last": before_last, "before_until": until}


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def printed(rows: list[Printed], metric: Metric, currency: str) -> list[Printed]:
    """The plain query's rows with each figure as its column's kind is printed, and groups put together."""
    columns = {printed_path(name): column for name, column in metric.columns.items()}
    assert all(row.keys() == columns.keys() for row in rows), f"its columns are {', '.join(columns)}"
    return [_nested({name: _figure(value, columns[name], currency) for name, value in row.items()}) for row in rows]


def printed_path(name: str) -> str:
    return ".".join(printed_name(part) for part in name.split("."))


def _figure(value: Any, column: Column, currency: str) -> Any:
    if value is None:
        return None
    match column.kind:
        case "percent" | "ratio" | "average":
            places = PLACES.get(column.kind, MINOR_UNITS.get(currency, 2))
            with localcontext(prec=100):
                return Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
        case "instant":
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case "day":
            return value.isoformat()
        case "month":
            return value.isoformat()[:7]
    return value


def _nested(flat: Printed) -> Printed:
    """A dot nests; a group of which nothing is known is itself unknown."""
    nested: Printed = {}
    for name, value in flat.items():
        group, _, inner = name.rpartition(".")
        if group:
            nested.setdefault(group, {})[inner] = value
        else:
            nested[name] = value
    return {
        name: None if isinstance(value, dict) and not any(v is not None for v in value.values()) else value
        for name, value in nested.items()
    }
