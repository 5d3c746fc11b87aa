"""A new file is a new metric, with no Python: the example of docs/adding-a-metric.md is loaded, asked and described."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tallymark import rollups
from tallymark.errors import InvalidResult, MetricFailed
from tallymark.metrics import Catalog, evaluate, plan
from tallymark.metrics.reference import reference
from tallymark.model import Question, Tenant

AS_OF = datetime(2026, 3, 30, 8, tzinfo=UTC)
GUIDE = Path(__file__).parents[2] / "docs/adding-a-metric.md"


def test_a_dropped_in_file_is_a_metric(database, make_tenant, tmp_path):
    (example,) = re.findall(r"```sql\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    (tmp_path / "units_by_platform.sql").write_text(example)
    catalog = Catalog.load(tmp_path)
    tenant = Tenant(make_tenant("shop", "Europe/Berlin", "EUR"), "shop", "Shop", "Europe/Berlin", "EUR")
    with database.connect(tenant.tenant_id) as conn:
        conn.execute(
            (GUIDE.parents[1] / "tests/metrics/shop.sql").read_text().replace(":tenant", str(tenant.tenant_id))
        )
    with database.session(tenant.tenant_id) as session:
        for _ in rollups.build(session, tenant):
            pass

    question = Question("units_by_platform", params={"days": "2"}, as_of=AS_OF)
    with database.connect(tenant.tenant_id, read_only=True) as conn:
        result = evaluate(conn, plan(catalog, question, tenant))

    assert result.data == [
        {
            "platform": "shopify",
            "units": 7,
            "share": Decimal("70.00"),
            "grossSales": Decimal("110.00"),
            "returns": {"amount": Decimal("10.005")},
        },
        {
            "platform": "amazon",
            "units": 3,
            "share": Decimal("30.00"),
            "grossSales": Decimal("37.50"),
            "returns": {"amount": Decimal("12.50")},
        },
    ]
    assert "## units_by_platform" in reference(catalog)
    assert "refunds" in catalog["units_by_platform"].sources


ODD = """/*
title = "Odd"
description = "A metric that goes wrong."
formula = "none"
source = "none"
shape = "object"
window = "none"
ttl = 1

[columns]
orders = { kind = "count", min = 0, doc = "Orders." }
"then.orders" = { kind = "count", nullable = true, doc = "Orders then." }
*/
SELECT %s AS orders, null::bigint AS "then.orders", sum(orders) IS NOT NULL AS "check there are sales"
FROM sales_day WHERE tenant_id = %%(tenant)s %s"""


@pytest.mark.parametrize(
    ("orders", "having", "error", "message"),
    [
        ("1", "", InvalidResult, "odd does not hold: there are sales. Row: {'orders': '1', 'then.orders': 'None'}."),
        ("1", "HAVING false", InvalidResult, "odd gave 0 rows where it must give one."),
        ("1 / 0", "", MetricFailed, "odd could not be computed: division by zero"),
    ],
)
def test_a_metric_that_goes_wrong_says_how(database, make_tenant, tmp_path, orders, having, error, message):
    (tmp_path / "odd.sql").write_text(ODD % (orders, having))
    tenant = Tenant(make_tenant("shop"), "shop", "Shop", "Europe/London", "GBP")
    with database.connect(tenant.tenant_id, read_only=True) as conn:
        with pytest.raises(error, match=re.escape(message)):
            evaluate(conn, plan(Catalog.load(tmp_path), Question("odd", as_of=AS_OF), tenant))
