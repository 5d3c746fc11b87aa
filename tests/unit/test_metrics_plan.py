"""From a question to arguments: defaults, days worked out, and clear refusals."""

import re
from datetime import UTC, date, datetime

import pytest

from tallymark.errors import BadQuestion, UnknownMetric
from tallymark.metrics import Catalog, plan, prewarmed
from tallymark.model import Question, Tenant

CATALOG = Catalog.load()
TENANT = Tenant(7, "shop", "Shop", "Europe/Berlin", "EUR")
AS_OF = datetime(2026, 3, 5, 11, 30, tzinfo=UTC)


def planned(metric, platform="all", as_of=AS_OF, **params):
    asked = {name.removesuffix("_"): value for name, value in params.items()}
    return plan(CATALOG, Question(metric, platform, asked, as_of=as_of), TENANT)


def test_a_running_period_and_the_part_of_the_days_before_it_is_compared_with():
    found = planned("sales_overview", period="month")
    assert found.parameters == '{"period":"month"}'
    assert found.resolved == (
        '{"asOfHour":"2026-03-05T12+01:00","beforeFrom":"2026-02-24","beforeTo":"2026-02-28","clock":"event",'
        '"compare":"previous","from":"2026-03-01","period":"month","to":"2026-03-05"}'
    )
    assert found.arguments == {
        "tenant": 7,
        "platform": "all",
        "from": date(2026, 3, 1),
        "to": date(2026, 3, 5),
        "before_from": date(2026, 2, 24),
        "before_to": date(2026, 2, 27),
        "before_cut_from": datetime(2026, 2, 27, 23, tzinfo=UTC),
        "before_cut": datetime(2026, 2, 28, 11, 30, tzinfo=UTC),
        "clock": "event",
        "timezone": "Europe/Berlin",
    }


def test_all_time_has_days_far_away_and_nothing_before():
    found = planned("sales_overview")
    assert (found.arguments["from"], found.arguments["to"]) == (date(1, 1, 1), date(9999, 12, 31))
    assert found.arguments["before_from"] > found.arguments["before_to"]
    assert found.arguments["before_cut_from"] == found.arguments["before_cut"]


def test_a_default_asked_for_is_the_same_question():
    assert planned("top_products", limit="10", sort="revenue").parameters == "{}"
    assert planned("top_products", sort="units", limit="5").parameters == '{"limit":5,"sort":"units"}'


def test_a_window_that_has_not_moved_resolves_alike():
    morning, evening = datetime(2026, 3, 5, 6, tzinfo=UTC), datetime(2026, 3, 5, 22, tzinfo=UTC)
    after_midnight = datetime(2026, 3, 5, 23, tzinfo=UTC)  # In Berlin.
    resolved = [planned("sales_trends", as_of=at).resolved for at in (morning, evening, after_midnight)]
    assert resolved[0] == resolved[1] != resolved[2]


def test_months_are_whole():
    found = planned("monthly_trends", months="2")
    assert found.resolved == '{"clock":"event","from":"2026-02-01","months":2,"to":"2026-03-31"}'


def test_what_a_refresh_keeps_ready():
    plans = prewarmed(CATALOG, "sales_overview", "shopify", TENANT, AS_OF)
    assert [(found.platform, found.parameters) for found in plans] == [("shopify", "{}")]


@pytest.mark.parametrize(
    ("metric", "params", "message", "allowed"),
    [
        ("top_products", {"limit": "0"}, "limit must not be '0'.", "whole number from 1 to 1000"),
        ("top_products", {"limit": "1_0"}, "limit must not be '1_0'.", "whole number from 1 to 1000"),
        ("top_products", {"limit": "ten"}, "limit must not be 'ten'.", "whole number from 1 to 1000"),
        ("top_products", {"sort": "name"}, "sort must not be 'name'.", ["revenue", "units", "profit"]),
        ("top_products", {"colour": "red"}, "There is no parameter 'colour'.", None),
        ("net_revenue", {"from": "5 March"}, "from must not be '5 March'.", "date, YYYY-MM-DD, 1970 to 2199"),
        ("net_revenue", {"from": "0001-01-01"}, "from must not be '0001-01-01'.", "date, YYYY-MM-DD, 1970 to 2199"),
        ("net_revenue", {"from": "2026-03-02", "to": "2026-03-01"}, "from=2026-03-02 is after to=2026-03-01.", None),
        ("net_revenue", {"period": "custom"}, "period=custom needs from or to.", None),
        ("net_revenue", {"period": "month", "from": "2026-03-01"}, "period=month has days of its own.", None),
        ("net_revenue", {"compare": "year"}, "There is no parameter 'compare'.", None),
        (
            "sales_trends",
            {"granularity": "hour", "from": "2025-01-01", "to": "2025-12-31"},
            "sales_trends tells at most 92 days with granularity=hour, not 365 days.",
            "at most 92 days",
        ),
        (
            "sales_trends",
            {"granularity": "hour", "to": "2025-12-31"},
            "sales_trends tells at most 92 days with granularity=hour, not days without a beginning.",
            "at most 92 days",
        ),
        ("sales_overview", {"clock": "wall"}, "clock must not be 'wall'.", ["event", "order"]),
    ],
)
def test_a_wrong_parameter_is_refused_with_what_is_allowed(metric, params, message, allowed):
    with pytest.raises(BadQuestion, match=re.escape(message)) as refused:
        plan(CATALOG, Question(metric, "all", params, as_of=AS_OF), TENANT)
    assert refused.value.hint
    if allowed:
        assert refused.value.details["allowed"] == allowed


def test_as_many_days_as_may_be_asked_for():
    days = {"from": "2025-01-01", "to": "2025-04-02"}
    assert planned("sales_trends", granularity="hour", **days).period.days == 92


def test_a_wrong_platform_and_an_unknown_metric_are_refused():
    with pytest.raises(BadQuestion, match="platform must not be 'Shop; --'"):
        planned("net_revenue", platform="Shop; --")
    with pytest.raises(UnknownMetric, match="There is no metric 'profit'"):
        planned("profit")
