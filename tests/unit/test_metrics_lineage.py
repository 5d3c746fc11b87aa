"""The rules that a metric's SQL keeps to, and that the whole catalogue does."""

import re
from pathlib import Path

import pytest

from tallymark.errors import SettingsError
from tallymark.metrics import Catalog, traced
from tallymark.metrics.lineage import trace, written
from tallymark.metrics.traced import Lineage
from tallymark.rollups import sources_of


def test_what_is_read_is_followed_to_the_base_tables():
    sql = """
        WITH sold AS (SELECT product_id, sum(units) AS units FROM product_day WHERE tenant_id = %(tenant)s GROUP BY 1)
        SELECT sold.units AS units, p.name AS "of.name", e.amount AS amount
        FROM sold
        LEFT JOIN products p ON %(tenant)s = p.tenant_id AND p.product_id = sold.product_id
        CROSS JOIN LATERAL (SELECT sum(amount) AS amount FROM expense_day WHERE tenant_id = %(tenant)s) e
        CROSS JOIN generate_series(1, 2)"""
    assert trace("x.sql", sql, sources_of) == Lineage(
        tables=frozenset({"product_day", "products", "expense_day"}),
        sources=frozenset({"orders", "refunds", "products", "expenses"}),
        placeholders=frozenset({"tenant"}),
        columns=("units", "of.name", "amount"),
    )


def test_what_is_written_down_of_the_built_in_metrics_is_current():
    file = Path(traced.__file__).with_name("lineage.json")
    assert file.read_text("utf-8") == written({name: metric.sql for name, metric in Catalog.load().items()}), (
        f"run: python -m tallymark.metrics.lineage {file}"
    )


def test_what_is_not_written_down_is_parsed():
    sql = "SELECT 1 AS a FROM sales_day WHERE tenant_id = %(tenant)s"
    assert traced.trace("x.sql", sql, sources_of) == trace("x.sql", sql, sources_of)
    with pytest.raises(SettingsError, match=r"x\.sql: a metric is exactly one SELECT"):
        traced.trace("x.sql", "SELECT 1; SELECT 2", sources_of)


def test_only_what_tells_segments_apart_depends_on_those_of_customers():
    assert sources_of("segment_day") == sources_of("refund_fact") == {"orders", "refunds", "segments"}
    assert sources_of("sales_day") == sources_of("rep_day") == {"orders", "refunds"}
    assert sources_of("buyers_day") == {"orders"}
    assert sources_of("customers") == {"customers"}


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("DELETE FROM sales_day", "a metric is exactly one SELECT"),
        ("SELECT 1 AS a; SELECT 2 AS b", "a metric is exactly one SELECT"),
        ("SELECT FROM WHERE", "Expected table name"),
        ("WITH x AS (DELETE FROM sales_day RETURNING 1) SELECT 1 AS a FROM x", "locks and writes nothing"),
        ("SELECT 1 AS a INTO b", "locks and writes nothing"),
        ("SELECT day AS a FROM sales_day WHERE tenant_id = %(tenant)s FOR UPDATE", "locks and writes nothing"),
        ("SELECT now() AS a", "reads the clock"),
        ("SELECT CURRENT_DATE AS a", "reads the clock"),
        ("SELECT localtimestamp AS a", "reads the clock"),
        ("SELECT clock_timestamp() AS a", "reads the clock"),
        ("SELECT 'today'::date AS a", "reads the clock"),
        ("SELECT random() AS a", "gives another answer each time"),
        ("SELECT 1 AS a FROM orders WHERE tenant_id = %(tenant)s", "reads orders, which is neither"),
        ("SELECT 1 AS a FROM pg_class WHERE tenant_id = %(tenant)s", "reads pg_class, which is neither"),
        ("SELECT 1 AS a FROM pg_read_file('x')", "which is no table"),
        ("SELECT 1 AS a FROM tallymark.sales_day WHERE tenant_id = %(tenant)s", "named without a schema"),
        ("SELECT 1 AS a FROM sales_day", "sales_day must be held to tenant_id = %(tenant)s"),
        ("SELECT 1 AS a FROM sales_day WHERE tenant_id = 1", "sales_day must be held"),
        ("SELECT 1 AS a FROM sales_day WHERE tenant_id = %(tenant)s OR true", "sales_day must be held"),
        ("SELECT 1 AS a FROM sales_day s, rep_day r WHERE s.tenant_id = %(tenant)s", "r must be held"),
        ("SELECT 1 AS a FROM sales_day, rep_day WHERE tenant_id = %(tenant)s", "must be held"),
        ("WITH sales_day AS (SELECT * FROM sales_day) SELECT 1 AS a FROM sales_day", "sales_day must be held"),
        ("SELECT (SELECT 1 FROM sales_day) AS a", "sales_day must be held"),
        ("SELECT * FROM sales_day WHERE tenant_id = %(tenant)s", "must name each of its columns"),
        ("SELECT 1 AS a, 2 AS a", "two columns named 'a'"),
        ("SELECT 5 % 2 AS a", "is written %%"),
        (f'SELECT true AS "check {"x" * 60}"', "is longer than 63 bytes"),
    ],
)
def test_what_a_metric_must_not_do_is_refused(sql, message):
    with pytest.raises(SettingsError, match=r"^x\.sql: .*" + re.escape(message)):
        trace("x.sql", sql, sources_of)


def test_the_whole_catalogue_keeps_to_the_rules_and_can_be_refreshed_by_changes():
    catalog = Catalog.load()
    assert {"net_revenue", "sales_overview"} <= set(catalog)
    assert all(metric.sources for metric in catalog.values())
    assert [metric.name for metric in catalog.values() if "expenses" in metric.sources] == [
        name for name in catalog if "expense_day" in catalog[name].tables
    ]
