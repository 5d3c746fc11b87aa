"""The Online Retail data set, imported by its mapping, gives the figures that are published for it."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tallymark.connectors.files import import_files
from tallymark.db import Database
from tallymark.ingest import Counts, Loaded
from tallymark.model import Tenant

REPOSITORY = Path(__file__).parents[2]
DATA = REPOSITORY.parent / "shared/data/online-retail"
CSV, PARQUET = DATA / "online-retail.csv.gz", DATA / "online-retail.parquet"

pytestmark = pytest.mark.skipif(not CSV.exists(), reason="the Online Retail data set is not beside the repository")

# Of all lines, credit notes and bad debt included, as the data set's description gives it.
PUBLISHED_NET = {
    "2010-12": "748957.02",
    "2011-01": "560000.26",
    "2011-02": "498062.65",
    "2011-03": "683267.08",
    "2011-04": "493207.121",
    "2011-05": "723333.51",
    "2011-06": "691123.12",
    "2011-07": "681300.111",
    "2011-08": "682680.51",
    "2011-09": "1019687.622",
    "2011-10": "1070704.67",
    "2011-11": "1461756.25",
    "2011-12": "433668.01",
}
# The two lines with a price below 0: neither sales nor returns, so they are not imported.
BAD_DEBT = {"2011-08": Decimal("-22124.12")}

MONTHLY = """
SELECT to_char(day, 'YYYY-MM') AS month, sum(gross), sum(returns) FROM (
    SELECT o.placed_at AT TIME ZONE 'Europe/London' AS day, i.quantity * i.unit_price AS gross, 0 AS returns
    FROM orders o JOIN order_items i USING (tenant_id, placed_at, platform, order_id)
    UNION ALL
    SELECT refunded_at AT TIME ZONE 'Europe/London', 0, amount FROM refunds) movements
GROUP BY month ORDER BY month
"""

# The same from the file, by the definition of a sale and not by the mapping. No invoice spans two months.
MONTHLY_IN_THE_FILE = f"""
SELECT strftime(InvoiceDate::TIMESTAMP, '%Y-%m') AS month,
       sum(amount) FILTER (Quantity::BIGINT > 0 AND UnitPrice::DECIMAL(12, 3) > 0),
       -sum(amount) FILTER (InvoiceNo LIKE 'C%'),
       sum(amount),
       sum(amount) FILTER (UnitPrice::DECIMAL(12, 3) < 0)
FROM (SELECT *, Quantity::BIGINT * UnitPrice::DECIMAL(12, 3) AS amount FROM read_csv('{CSV}', all_varchar = true))
GROUP BY month ORDER BY month
"""


def _one(database: Database, tenant: Tenant, query: str) -> tuple[Any, ...]:
    with database.connect(tenant.tenant_id) as conn:
        [row] = conn.execute(query).fetchall()
    return row


@pytest.mark.timeout(600)
def test_online_retail(database: Database, make_tenant: Callable[..., int]) -> None:
    tenant = Tenant(make_tenant("retail"), "retail", "Retail", "Europe/London", "GBP")
    mapping = REPOSITORY / "examples/mappings/online-retail.sql"
    expected = {"products": 3938, "customers": 4371, "orders": 19_960, "order_items": 530_104, "refunds": 9_288}

    loaded = import_files(database, tenant, [CSV], mapping=mapping)
    assert loaded == Loaded({kind: Counts(new, 0, 0) for kind, new in expected.items()})

    gross = "SELECT count(*), sum(quantity * unit_price), min(unit_price) FROM order_items"
    assert _one(database, tenant, gross) == (530_104, Decimal("10666684.544"), Decimal("0.001"))
    returns = "SELECT count(*), count(DISTINCT refund_id), sum(amount) FROM refunds"
    assert _one(database, tenant, returns) == (9_288, 3_836, Decimal("896812.49"))
    customers = (
        "SELECT count(*), count(DISTINCT o.order_id), sum(i.quantity * i.unit_price), count(DISTINCT o.customer_id)"
        " FROM orders o JOIN order_items i USING (tenant_id, placed_at, platform, order_id)"
        " WHERE o.customer_id IS NOT NULL"
    )
    assert _one(database, tenant, customers) == (397_884, 18_532, Decimal("8911407.904"), 4_338)
    cased = "SELECT count(*) FROM products WHERE product_id IN ('85123A', '85123a')"
    assert _one(database, tenant, cased) == (2,)
    first = "SELECT placed_at::text FROM orders WHERE order_id = '536591'"  # Its lines say 16:57 and 16:58.
    assert _one(database, tenant, first) == ("2010-12-01 16:57:00+00",)

    _months_add_up(database, tenant)

    # The Parquet file holds the same lines with types: the same records, to the last digit and line id.
    written = "SELECT pg_current_xact_id_if_assigned(), (SELECT count(*) FROM change_log)"
    before = _one(database, tenant, written)
    again = import_files(database, tenant, [PARQUET], preset="online-retail")
    assert again == Loaded({kind: Counts(0, 0, same) for kind, same in expected.items()})
    assert _one(database, tenant, written) == before


def _months_add_up(database: Database, tenant: Tenant) -> None:
    with database.connect(tenant.tenant_id) as conn:
        ours = {month: (gross, returns) for month, gross, returns in conn.execute(MONTHLY)}
    in_the_file = {month: figures for month, *figures in duckdb.execute(MONTHLY_IN_THE_FILE).fetchall()}
    assert ours == {month: (gross, returns) for month, (gross, returns, _, _) in in_the_file.items()}
    assert {month: net for month, (_, _, net, _) in in_the_file.items()} == {
        month: Decimal(net) for month, net in PUBLISHED_NET.items()
    }
    assert {month: below for month, (_, _, _, below) in in_the_file.items() if below} == BAD_DEBT
    assert {month: gross - returns for month, (gross, returns) in ours.items()} == {
        month: Decimal(net) - BAD_DEBT.get(month, 0) for month, net in PUBLISHED_NET.items()
    }
