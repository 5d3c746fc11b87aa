"""A new file is a new metric, with no Python: the example of docs/adding-a-metric.md is loaded, asked and described."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from tallymark import rollups
from tallymark.metrics import Catalog, evaluate, plan
from tallymark.metrics.reference import reference
from tallymark.model import Question, Tenant

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

    question = Question("units_by_platform", params={"days": "2"}, as_of=datetime(2026, 3, 30, 8, tzinfo=UTC))
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
    assert catalog["units_by_platform"] in catalog.touched_by({"refunds"})
