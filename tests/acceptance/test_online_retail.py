"""The Online Retail data set by the command line, imported by its mapping: the figures are those published for it."""

import datetime
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import simplejson

from tallymark.connectors.files import import_files
from tallymark.db import Database, open_database
from tallymark.ingest import Counts, Loaded
from tallymark.model import Tenant
from tallymark.settings import Settings

REPOSITORY = Path(__file__).parents[2]
DATA = REPOSITORY.parent / "shared/data/online-retail"
CSV, PARQUET = DATA / "online-retail.csv.gz", DATA / "online-retail.parquet"
MAPPING = REPOSITORY / "examples/mappings/online-retail.sql"

pytestmark = [
    pytest.mark.skipif(not CSV.exists(), reason="the Online Retail data set is not beside the repository"),
    pytest.mark.timeout(600),
]

NEW = {"products": 3938, "customers": 4371, "orders": 19_960, "order_items": 530_104, "refunds": 9288}
# Of all lines, as the data set's description gives them. Two of those lines, of bad debt with a price below 0, are
# neither sales nor returns: they are in this table and not in net sales.
PUBLISHED_NET = {
    "2010-12": "748957.02", "2011-01": "560000.26", "2011-02": "498062.65", "2011-03": "683267.08",
    "2011-04": "493207.121", "2011-05": "723333.51", "2011-06": "691123.12", "2011-07": "681300.111",
    "2011-08": "682680.51", "2011-09": "1019687.622", "2011-10": "1070704.67", "2011-11": "1461756.25",
    "2011-12": "433668.01",
}  # fmt: skip
BAD_DEBT = {"2011-08": Decimal("-22124.12")}

LOGGED = "SELECT count(*) FROM change_log"
WINDOW = ("--param", "from=2010-12-01", "--param", "to=2011-12-09")

LINES = f"""
CREATE TEMP TABLE lines AS
SELECT InvoiceNo AS invoice, StockCode AS product, CustomerID AS customer, Quantity::BIGINT AS quantity,
       strftime(InvoiceDate::TIMESTAMP, '%Y-%m') AS month, Quantity::BIGINT * UnitPrice::DECIMAL(12, 3) AS amount,
       Quantity::BIGINT > 0 AND UnitPrice::DECIMAL(12, 3) > 0 AS sold, InvoiceNo LIKE 'C%' AS returned,
       UnitPrice::DECIMAL(12, 3) < 0 AS bad_debt
FROM read_csv('{CSV}', all_varchar = true)
"""
MONTHS = """
SELECT month, sum(amount) FILTER (sold), coalesce(-sum(amount) FILTER (returned), 0),
       count(DISTINCT invoice) FILTER (sold), sum(quantity) FILTER (sold), count(DISTINCT customer) FILTER (sold)
FROM lines GROUP BY month ORDER BY month
"""
# What is stored, and the same from the file by the definition of a sale, not by the mapping. No invoice spans two
# months.
STORED = """
SELECT to_char(day, 'YYYY-MM') AS month, sum(gross), sum(returns) FROM (
    SELECT o.placed_at AT TIME ZONE 'Europe/London' AS day, i.quantity * i.unit_price AS gross, 0 AS returns
    FROM orders o JOIN order_items i USING (tenant_id, placed_at, platform, order_id)
    UNION ALL
    SELECT refunded_at AT TIME ZONE 'Europe/London', 0, amount FROM refunds) movements
GROUP BY month ORDER BY month
"""
IN_THE_FILE = """
SELECT month, sum(amount) FILTER (sold), -sum(amount) FILTER (returned), sum(amount), sum(amount) FILTER (bad_debt)
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
    assert loaded["records"] == {kind: {"new": new, "changed": 0, "unchanged": 0} for kind, new in NEW.items()}
    refreshed = program.json("refresh", "--tenant", "retail")
    assert (refreshed["status"], refreshed["version"]) == ("completed", 1)
    return program


@pytest.fixture(scope="module")
def file() -> duckdb.DuckDBPyConnection:
    """The lines of the file, read without any of our own code."""
    connection = duckdb.connect()
    connection.execute(LINES)
    return connection


@pytest.fixture(scope="module")
def stored(shop: Any) -> Iterator[Database]:
    with open_database(Settings(home=shop.home)) as database:
        yield database


def one(database: Database, query: str) -> tuple[Any, ...]:
    with database.connect(1) as conn:
        [row] = conn.execute(query).fetchall()
    return row


def test_every_line_is_stored_as_it_is(stored: Database) -> None:
    gross = "SELECT count(*), sum(quantity * unit_price), min(unit_price) FROM order_items"
    assert one(stored, gross) == (530_104, Decimal("10666684.544"), Decimal("0.001"))
    returns = "SELECT count(*), count(DISTINCT refund_id), sum(amount) FROM refunds"
    assert one(stored, returns) == (9_288, 3_836, Decimal("896812.49"))
    customers = (
        "SELECT count(*), count(DISTINCT o.order_id), sum(i.quantity * i.unit_price), count(DISTINCT o.customer_id)"
        " FROM orders o JOIN order_items i USING (tenant_id, placed_at, platform, order_id)"
        " WHERE o.customer_id IS NOT NULL"
    )
    assert one(stored, customers) == (397_884, 18_532, Decimal("8911407.904"), 4_338)
    cased = "SELECT count(*) FROM products WHERE product_id IN ('85123A', '85123a')"
    assert one(stored, cased) == (2,)
    first = "SELECT placed_at::text FROM orders WHERE order_id = '536591'"  # Its lines say 16:57 and 16:58.
    assert one(stored, first) == ("2010-12-01 16:57:00+00",)


def test_every_month_is_stored_as_published(stored: Database, file: duckdb.DuckDBPyConnection) -> None:
    with stored.connect(1) as conn:
        ours = {month: (gross, returns) for month, gross, returns in conn.execute(STORED)}
    in_the_file = {month: figures for month, *figures in file.execute(IN_THE_FILE).fetchall()}
    assert ours == {month: (gross, returns) for month, (gross, returns, _, _) in in_the_file.items()}
    assert {month: net for month, (_, _, net, _) in in_the_file.items()} == {
        month: Decimal(net) for month, net in PUBLISHED_NET.items()
    }
    assert {month: below for month, (_, _, _, below) in in_the_file.items() if below} == BAD_DEBT
    assert {month: gross - returns for month, (gross, returns) in ours.items()} == {
        month: Decimal(net) - BAD_DEBT.get(month, 0) for month, net in PUBLISHED_NET.items()
    }


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


def test_the_same_import_again_changes_nothing(shop: Any, stored: Database) -> None:
    logged = one(stored, LOGGED)
    again = shop.json("import", CSV, "--tenant", "retail", "--mapping", MAPPING)
    assert all(counts["new"] == counts["changed"] == 0 for counts in again["records"].values())
    assert again["records"]["order_items"]["unchanged"] == 530_104
    [status] = [simplejson.loads(line) for line in shop.text("status", "--json").splitlines()]
    assert (status["version"], status["pending_changes"]) == (1, 0)
    assert datetime.datetime.fromisoformat(status["data_through"]).isoformat() == "2011-12-09T12:50:00+00:00"
    assert one(stored, LOGGED) == logged


def test_the_parquet_file_holds_the_same_to_the_last_digit_and_line(stored: Database) -> None:
    """The same lines, with types."""
    tenant = Tenant(1, "retail", "Gifts", "Europe/London", "GBP")
    logged = one(stored, LOGGED)
    again = import_files(stored, tenant, [PARQUET], preset="online-retail")
    assert again == Loaded({kind: Counts(0, 0, same) for kind, same in NEW.items()})
    assert one(stored, LOGGED) == logged
