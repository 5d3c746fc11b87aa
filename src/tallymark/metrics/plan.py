"""From a question to the SQL that answers it, and its arguments."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Never, cast

from tallymark.errors import BadQuestion
from tallymark.metrics import parameters
from tallymark.metrics.catalogue import Catalog
from tallymark.metrics.metric import Metric, Value, Window
from tallymark.model import (
    ALL_PLATFORMS,
    PLATFORM_NAMES,
    Period,
    Question,
    Tenant,
    exact_json,
    is_platform,
    money,
    period,
)
from tallymark.model.period import Before, Compare, Span

# Days without an end, as PostgreSQL and Python both can hold them.
FIRST_DAY, LAST_DAY = date(1, 1, 1), date(9999, 12, 31)

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Plan:
    """A question made ready to run.

    `parameters` is the question as asked (defaults left out), `resolved` the same with every default and
    its days worked out: both canonical JSON. Equal `resolved` means the same figures from the same data.
    """

    metric: Metric
    platform: str
    parameters: str
    resolved: str
    arguments: Mapping[str, object]
    period: Period
    currency: str

    @property
    def name(self) -> str:
        return self.metric.name

    @property
    def sql(self) -> str:
        return self.metric.sql

    def about(self, platform: str) -> "Plan":
        """The same question about another platform: all else is equal."""
        arguments = dict(self.arguments)
        if "platform" in arguments:
            arguments["platform"] = platform
        return replace(self, platform=platform, arguments=arguments)


def plan(catalog: Catalog, question: Question, tenant: Tenant) -> Plan:
    """What to run for the question. Raises UnknownMetric, and BadQuestion for a parameter we cannot take."""
    metric = catalog[question.metric]
    _check_platform(question.platform)
    asked = parameters.read(metric, question.params)
    chosen = parameters.with_defaults(metric, asked)
    days = _period(metric, asked, chosen, question.as_of, tenant)
    _check_length(metric, chosen, days)
    before = days.before(cast(Compare, chosen["compare"]), tenant.zone) if metric.compares else None
    defaults = parameters.with_defaults(metric, {})
    return Plan(
        metric=metric,
        platform=question.platform,
        parameters=exact_json.canonical({name: value for name, value in asked.items() if defaults.get(name) != value}),
        resolved=exact_json.canonical(_resolved(metric, chosen, days, before, question.as_of, tenant)),
        arguments=_arguments(metric, question, tenant, chosen, days, before),
        period=days,
        currency=tenant.currency,
    )


def prewarmed(catalog: Catalog, metric: str, platform: str, tenant: Tenant, as_of: datetime) -> list[Plan]:
    """The plans of the parameter sets that a refresh keeps ready."""
    return [
        plan(catalog, Question(metric, platform, params, as_of=as_of), tenant) for params in catalog[metric].prewarm
    ]


def _check_platform(platform: str) -> None:
    if platform != ALL_PLATFORMS and not is_platform(platform):
        allowed = f"all, or the name of one: {PLATFORM_NAMES}"
        raise BadQuestion(
            f"platform must not be {platform[:60]!r}.",
            hint=f"platform: {allowed}.",
            details={"parameter": "platform", "value": platform, "allowed": allowed},
        )


def _period(
    metric: Metric, asked: Mapping[str, Value], chosen: Mapping[str, Value], as_of: datetime, tenant: Tenant
) -> Period:
    if not metric.has_window:
        return period.ALL_TIME
    span, first, last = cast(Span, chosen["period"]), asked.get("from"), asked.get("to")
    bounded = first is not None or last is not None
    if bounded and span != "custom":
        _refuse_period(span, f"period={span} has days of its own.")
    if not bounded and asked.get("period") == "custom":
        _refuse_period(span, "period=custom needs from or to.")
    if bounded or span != "custom":
        days = period.resolve(as_of, tenant.zone, span=span, first=parameters.day(first), last=parameters.day(last))
    else:
        days = _default_period(metric.window, chosen, as_of, tenant)
    return period.whole_months(days) if metric.window.whole_months else days


def _check_length(metric: Metric, chosen: Mapping[str, Value], days: Period) -> None:
    for name, parameter in metric.parameters.items():
        most = parameter.days.get(chosen[name])
        if most is None or (days.days is not None and days.days <= most):
            continue
        told = "days without a beginning" if days.days is None else f"{days.days:,} days"
        others = ", ".join(str(value) for value in parameter.allowed if value not in parameter.days)
        raise BadQuestion(
            f"{metric.name} tells at most {most} days with {name}={chosen[name]}, not {told}.",
            hint=f"Ask for {name}={others}, or name from and to no more than {most} days apart.",
            details={"parameter": name, "value": chosen[name], "allowed": f"at most {most} days"},
        )


def _refuse_period(span: Span, message: str) -> Never:
    raise BadQuestion(
        message,
        hint="Ask for period=today|week|month|quarter|year, or for from and to.",
        details={"parameter": "period", "value": span, "allowed": list(period.SPANS)},
    )


def _default_period(window: Window, chosen: Mapping[str, Value], as_of: datetime, tenant: Tenant) -> Period:
    if window.kind != "trailing":
        return period.ALL_TIME
    count = chosen[window.count] if isinstance(window.count, str) else window.count
    return period.trailing(as_of, tenant.zone, int(count), window.unit)


def _resolved(
    metric: Metric,
    chosen: Mapping[str, Value],
    days: Period,
    before: Before | None,
    as_of: datetime,
    tenant: Tenant,
) -> dict[str, object]:
    resolved: dict[str, object] = dict(chosen)
    if metric.has_window:
        if resolved["period"] == "custom":
            del resolved["period"]  # The days say it.
        resolved |= {"from": _iso(days.first), "to": _iso(days.last)}
    if metric.compares:
        resolved |= {
            "beforeFrom": _iso(before.first if before else None),
            "beforeTo": _iso(before.last if before else None),
        }
    if metric.ready == "daily":
        resolved["asOfDay"] = as_of.astimezone(tenant.zone).date().isoformat()
    if before is not None and before.cut is not None:
        # The part of a day that is compared grows all the time; what is stored follows it hour by hour.
        resolved["asOfHour"] = as_of.astimezone(tenant.zone).isoformat(timespec="hours")
    return resolved


def _arguments(
    metric: Metric,
    question: Question,
    tenant: Tenant,
    chosen: Mapping[str, Value],
    days: Period,
    before: Before | None,
) -> dict[str, object]:
    """One value for each placeholder. Open ends are days far away, so that SQL compares and never asks for null."""
    declared = {
        name: parameters.day(value) if metric.parameters[name].type == "date" else value
        for name, value in chosen.items()
        if name in metric.parameters
    }
    derived: dict[str, object] = {
        "tenant": tenant.tenant_id,
        "platform": question.platform,
        "from": days.first or FIRST_DAY,
        "to": days.last or LAST_DAY,
        **_months(days),
        **_before(before, tenant),
        "clock": chosen.get("clock"),
        "as_of": question.as_of,
        "timezone": tenant.timezone,
        "currency": tenant.currency,
        "exponent": money.exponent(tenant.currency),
    }
    return {name: value for name, value in (derived | declared).items() if name in metric.placeholders}


def _months(days: Period) -> dict[str, object]:
    """The whole months nearest to the window, for sums of months put right by the days at its ends."""
    first, last = period.nearest_months(days.first or FIRST_DAY, days.last or LAST_DAY)
    return {"months_from": first, "months_to": last, "all_time": days == period.ALL_TIME}


def _before(before: Before | None, tenant: Tenant) -> dict[str, object]:
    """The whole days before, and the part of the last one that is compared with the part of today that has run."""
    if before is None:
        return {"before_from": LAST_DAY, "before_to": FIRST_DAY, "before_cut_from": _NEVER, "before_cut": _NEVER}
    whole = {"before_from": before.first, "before_to": before.last}
    if before.cut is None:
        return {**whole, "before_cut_from": _NEVER, "before_cut": _NEVER}
    midnight = datetime.combine(before.last, time(), tenant.zone)
    return {
        "before_from": before.first,
        "before_to": before.last - timedelta(days=1),
        "before_cut_from": midnight,
        "before_cut": before.cut,
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
