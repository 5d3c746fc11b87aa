"""What is wrong with a metric's file is told by file and line."""

import re

import pytest

from tallymark.errors import SettingsError
from tallymark.metrics.catalogue import read
from tallymark.metrics.metric import Column, Parameter, Window
from tallymark.rollups import sources_of

GOOD = """\
/*
title = "Orders"
description = "How many."
formula = "count"
source = "ours"
shape = "object"
window = "trailing {days} days"
ttl = 60
prewarm = [{}, { days = 7 }]

[parameters]
days = { type = "integer", default = 30, min = 1, doc = "How many days." }

[columns]
orders = { kind = "count", min = 0, doc = "Orders." }
*/
SELECT sum(orders) AS orders
FROM sales_day
WHERE tenant_id = %(tenant)s AND day BETWEEN %(from)s AND %(to)s
"""


def test_answers_of_a_metric_that_does_not_say_are_fresh_for_as_long_as_is_set() -> None:
    assert read("orders", "orders.sql", GOOD, sources_of, ttl=77).ttl == 60
    assert read("orders", "orders.sql", GOOD.replace("ttl = 60\n", ""), sources_of, ttl=77).ttl == 77


def test_a_good_file():
    metric = read("orders", "orders.sql", GOOD, sources_of)
    assert metric.window == Window("trailing", "days", "days")
    assert metric.parameters == {"days": Parameter("days", "integer", "How many days.", 30, min=1)}
    assert metric.prewarm == ({}, {"days": "7"})
    assert metric.columns == {"orders": Column("orders", "count", "Orders.", min=0)}
    assert (metric.tables, metric.sources) == ({"sales_day"}, {"orders", "refunds"})


@pytest.mark.parametrize(
    ("change", "to", "message"),
    [
        ("/*\n", "", "orders.sql, line 1: a metric's file begins with /*, its header in TOML, and */."),
        ('title = "Orders"', "title = Orders", "orders.sql, line 2: Invalid value."),
        ("ttl = 60", 'ttl = "60"', "orders.sql, line 8: `ttl` in the header must not be '60'."),
        ("ttl = 60", "tll = 60", "orders.sql, line 8: the header knows no `tll`, only"),
        ('formula = "count"\n', "", "orders.sql, line 1: the header does not say `formula`."),
        ('"object"', '"table"', "orders.sql, line 6: shape 'table' is not one of object, rows."),
        ("trailing {days} days", "last week", "orders.sql, line 7: window 'last week' is not all, none or"),
        ("trailing {days}", "trailing {weeks}", "orders.sql, line 7: window names 'weeks': no integer parameter."),
        ('"count", min', '"cuont", min', "orders.sql, line 15: kind 'cuont' is not one of money, average"),
        ('doc = "Orders."', 'dok = "Orders."', "orders.sql, line 15: [columns.orders] knows no `dok`"),
        ("default = 30", 'default = "x"', "orders.sql: days must not be 'x'."),
        ("min = 1,", "min = 1, days = { hour = 7 },", "days 'hour' is not one of"),
        (
            "default = 30, min = 1,",
            'default = 30, allowed = [30], days = { 30 = "x" },',
            "'x' is no number of days for 30.",
        ),
        ("*/", "[with.best]\n*/", "there are no CTEs 'best' to share, or no WITH to put them in."),
        ("{ days = 7 }", "{ days = 0 }", "orders.sql: days must not be '0'."),
        ("{ days = 7 }", "{ weeks = 1 }", "orders.sql: There is no parameter 'weeks'."),
        ("%(to)s", "%(until)s", "orders.sql: its SQL uses %(until)s, which is no parameter of it"),
        (
            " AND day BETWEEN %(from)s AND %(to)s",
            "",
            "orders.sql: its window lets days be asked for, which its SQL ignor",
        ),
        ('"trailing {days} days"', '"none"', "orders.sql: its SQL never uses the parameter days"),
        ("AS orders", "AS order_count", "orders.sql: its SQL gives order_count, which its header does not describe"),
        ("sum(orders) AS", "sum(total) AS total, sum(orders) AS", "orders.sql: its SQL gives total, which its header"),
        (
            "AS orders",
            'AS orders, null AS "warning odd"',
            "orders.sql: its SQL gives the warnings ['odd'], its header []",
        ),
    ],
)
def test_a_wrong_file_is_told_by_file_and_line(change, to, message):
    assert change in GOOD
    with pytest.raises(SettingsError, match=re.escape(message)):
        read("orders", "orders.sql", GOOD.replace(change, to, 1), sources_of)
