"""The Online Retail data set by the command line alone: import, refresh, ask, verify."""

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import simplejson

from tallymark.db import open_database
from tallymark.settings import Settings

REPOSITORY = Path(__file__).parents[2]
CSV = REPOSITORY.parent / "shared/data/online-retail/online-retail.csv.gz"
MAPPING = REPOSITORY / "examples/mappings/online-retail.sql"

pytestmark = [
    pytest.mark.skipif(not CSV.exists(), reason="the Online Retail data set is not beside the repository"),
    pytest.mark.timeout(600),
    pytest.mark.xdist_group("online retail"),
]

# Of all lines, as the data set's description gives them. Two of those lines, of bad debt with a price below 0, are
# neither sales nor returns: they are in this table and not in net sales.
PUBLISHED_NET = {
    "2010-12": "748957.02", "2011-01": "560000.26", "2011-02": "498062.65", "2011-03": "683267.08",
    "2011-04": "493207.121", "2011-05": "723333.51", "2011-06": "691123.12", "2011-07": "681300.111",
    "2011-08": "682680.51", "2011-09": "1019687.622", "2011-10": "1070704.67", "2011-11": "1461756.25",
    "2011-12": "433668.01",
}  # fmt: skip
BAD_DEBT = {"2011-08": Decimal("-22124.12")}

WINDOW = ("--param", "from=2010-12-01", "--param", "to=2011-12-09")

LINES = f"""
CREATE TEMP TABLE lines AS
SELECT InvoiceNo AS invoice, StockCode AS product, CustomerID AS customer, Quantity::BIGINT AS quantity,
       strftime(InvoiceDate::TIMESTAMP, '%Y-%m') AS month, Quantity::BIGINT * UnitPrice::DECIMAL(12, 3) AS amount,
       Quantity::BIGINT > 0 AND UnitPrice::DECIMAL(12, 3) > 0 AS sold, InvoiceNo LIKE 'C%' AS returned
FROM read_csv('{CSV}', all_varchar = true)
"""
MONTHS = """
SELECT month, sum(amount) FILTER (sold), coalesce(-sum(amount) FILTER (returned), 0),
       count(DISTINCT invoice) FILTER (sold), sum(quantity) FILTER (sold), count(DISTINCT customer) FILTER (sold)
FROM lines GROUP BY month ORDER BY month
"""
PRODUCTS = """
SELECT product, sum(quantity), sum(amount) FROM lines WHERE sold
GROUP BY product ORDER BY sum(amount) DESC, product LIMIT 10
"""


@pytest.fixture(scope="module")
def shop(program: Any) -> Any:
    """The program, with the data set imported and refreshed."""
    program.run("tenant", "create", "retail", "--name", "Gifts", "--timezone", "Europe/London", "--currency", "GBP")
    loaded = program.json("import", CSV, "--tenant", "retail", "--mapping", MAPPING)
    assert {kind: counts["new"] for kind, counts in loaded["records"].items()} == {
        "products": 3938, "customers": 4371, "orders": 19_960, "order_items": 530_104, "refunds": 9288,
    }  # fmt: skip
    refreshed = program.json("refresh", "--tenant", "retail")
    assert (refreshed["status"], refreshed["version"]) == ("completed", 1)
    return program


@pytest.fixture(scope="module")
def file() -> duckdb.DuckDBPyConnection:
    """The lines of the file, read without any of our own code."""
    connection = duckdb.connect()
    connection.execute(LINES)
    return connection


def test_the_whole_period_to_the_last_digit(shop: Any) -> None:
    text = shop.text("ask", "sales_overview", "--tenant", "retail", *WINDOW, "--json")
    assert '"grossSales":10666684.544,' in text
    assert '"returns":896812.49,' in text
    data = simplejson.loads(text, use_decimal=True)["data"]
    assert data["netSales"] == data["totalSales"] == Decimal("9769872.054")
    assert (data["orders"], data["customers"], data["discounts"]) == (19_960, 4338, 0)


def test_every_month_is_what_the_file_says(shop: Any, file: duckdb.DuckDBPyConnection) -> None:
    answer = shop.text("ask", "sales_trends", "--tenant", "retail", *WINDOW, "--param", "granularity=month", "--json")
    rows = simplejson.loads(answer, use_decimal=True)["data"]
    ours = [
        tuple(row[name] for name in ("period", "grossSales", "returns", "orders", "units", "customers")) for row in rows
    ]
    assert ours == file.execute(MONTHS).fetchall()
    assert {row["period"]: row["netSales"] for row in rows} == {
        month: Decimal(net) - BAD_DEBT.get(month, 0) for month, net in PUBLISHED_NET.items()
    }


def test_the_best_products_are_those_of_the_file(shop: Any, file: duckdb.DuckDBPyConnection) -> None:
    rows = simplejson.loads(shop.text("ask", "top_products", "--tenant", "retail", "--json"), use_decimal=True)["data"]
    ours = [(row["productId"], row["totalSold"], row["revenue"]) for row in rows]
    assert ours == file.execute(PRODUCTS).fetchall()


def test_customers_come_back_as_often_as_published(shop: Any) -> None:
    """0.655832 of the customers who bought anything bought again."""
    data = simplejson.loads(shop.text("ask", "customer_insights", "--tenant", "retail", "--json"), use_decimal=True)[
        "data"
    ]
    assert (data["customers"], data["repeatCustomers"], data["repeatPurchaseRate"]) == (4338, 2845, Decimal("65.58"))
    assert round(Decimal(data["repeatCustomers"]) / data["customers"], 6) == Decimal("0.655832")
    assert data["loyalCustomers"] == data["repeatCustomers"]  # Of all time, both rates are one.


def test_every_row_is_what_a_recount_gives(shop: Any) -> None:
    found = shop.json("verify", "--tenant", "retail")
    assert found.pop("rows_compared") > 100_000
    assert found == {"tenant": "retail", "differences": [], "ok": True}


def test_the_same_import_again_changes_nothing(shop: Any) -> None:
    logged = _logged(shop.home)
    again = shop.json("import", CSV, "--tenant", "retail", "--mapping", MAPPING)
    assert all(counts["new"] == counts["changed"] == 0 for counts in again["records"].values())
    assert again["records"]["order_items"]["unchanged"] == 530_104
    [status] = [simplejson.loads(line) for line in shop.text("status", "--json").splitlines()]
    assert (status["version"], status["pending_changes"]) == (1, 0)
    assert _logged(shop.home) == logged
    assert datetime.datetime.fromisoformat(status["data_through"]).isoformat() == "2011-12-09T12:50:00+00:00"


def _logged(home: Path) -> int:
    with open_database(Settings(home=home)) as database, database.connect(1) as conn:
        row = conn.execute("SELECT count(*) FROM change_log").fetchone()
    assert row is not None
    count: int = row[0]
    return count
