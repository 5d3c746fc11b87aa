"""What each page shows is what the server answers: of a shop so small that its figures can be added up by hand."""

import re
from collections.abc import Callable
from decimal import Decimal
from math import floor
from typing import Any

from playwright.sync_api import Locator, Page, expect
from tests.e2e.conftest import Shop
from tests.e2e.pages import card

from tallymark.model import exact_json

# Two customers, one of whom came back; a discount, a return, rent, what lies on the shelf, and seven visits.
KNOWN = """
SELECT ensure_months(now() - interval '80 days', now());
INSERT INTO products (tenant_id, platform, product_id, sku, name, cost, price, created_at)
SELECT current_tenant(), 'shopify', id, upper(id), name, cost, price, now() - interval '80 days'
FROM (VALUES ('m', 'Mug', 4, 10), ('b', 'Bowl', 3.10, 12.35)) v (id, name, cost, price);
INSERT INTO orders (tenant_id, placed_at, platform, order_id, status, customer_id, currency)
SELECT current_tenant(), now() - make_interval(days => age), 'shopify', id, 'completed', customer, 'EUR'
FROM (VALUES ('o1', 'k1', 70), ('o2', 'k1', 5), ('o3', 'k2', 5)) v (id, customer, age);
INSERT INTO order_items
    (tenant_id, placed_at, platform, order_id, line_id, product_id, quantity, unit_price, unit_cost, discount)
SELECT current_tenant(), placed_at, platform, order_id, line, p.product_id, quantity, price, cost, off
FROM (VALUES ('o1', '1', 'm', 3, 0), ('o2', '1', 'm', 2, 0), ('o2', '2', 'b', 1, 0), ('o3', '1', 'b', 5, 1.37))
    v (order_id, line, product_id, quantity, off)
JOIN orders USING (order_id) JOIN products p USING (tenant_id, platform, product_id)
WHERE tenant_id = current_tenant();
INSERT INTO refunds (tenant_id, platform, refund_id, line_id, order_id, product_id, refunded_at, quantity, amount)
VALUES (current_tenant(), 'shopify', 'r1', '1', 'o3', 'b', now() - interval '2 days', 1, 12.35);
INSERT INTO expenses (tenant_id, platform, expense_id, incurred_at, category, amount)
VALUES (current_tenant(), 'shopify', 'e1', now() - interval '3 days', 'Rent', 17.29);
INSERT INTO inventory_levels (tenant_id, platform, product_id, location, on_hand, reserved, counted_at)
VALUES (current_tenant(), 'shopify', 'm', 'shelf', 9, 2, now()),
    (current_tenant(), 'shopify', 'b', 'shelf', 4, 0, now());
INSERT INTO activity (tenant_id, platform, activity_id, occurred_at, kind, visitor_id)
SELECT current_tenant(), 'shopify', 'v' || n, now() - interval '1 day', 'visit', 'w' || n FROM generate_series(1, 7) n
"""
DAYS = 75
RETENTION = "/api/metrics/customer_retention?months=12"
NUMBER = re.compile(r"-?[\d,]+(?:\.\d+)?")
Read = Callable[[Page], Locator]
Pick = Callable[[Any], Any]


def big(title: str) -> Read:
    return lambda page: card(page, title).locator(".figure")


def cell(title: str, row: str, column: str) -> Read:
    """Of a table, by the names of its row and its column."""

    def find(page: Page) -> Locator:
        within = card(page, title)
        expect(within.get_by_role("columnheader", name=column, exact=True)).to_be_visible()
        names = within.get_by_role("columnheader").all_inner_texts()
        return within.get_by_role("row", name=re.compile(row)).locator("th, td").nth(names.index(column))

    return find


def fact(title: str, name: str) -> Read:
    return lambda page: (
        card(page, title).locator("dl > div", has=page.get_by_text(name, exact=True)).locator("dd").first
    )


def of(column: str, value: str) -> Callable[[Any], Any]:
    """The row of an answer that has this value in this column."""
    return lambda rows: next(row for row in rows if row[column] == value)


# The page, what is asked of the server, what of its answer is meant, by hand, and where that is read.
SHOWN: list[tuple[str, str, Pick, Any, Read]] = [
    ("/", "/api/metrics/net_revenue", lambda data: data["netRevenue"], "93.09", big("Net revenue")),
    ("/", "/api/metrics/sales_overview", lambda data: data["averageOrderValue"], "40.91", big("Average order value")),
    (
        "/sales",
        "/api/metrics/sales_overview",
        lambda data: data["netSales"],
        "110.38",
        lambda page: card(page, "What sales are made of").get_by_role("row", name="Net sales").locator("td").first,
    ),
    (
        "/products",
        "/api/metrics/margin_analysis?group_by=product",
        lambda rows: of("groupId", "b")(rows)["netSales"],
        "60.38",
        cell("All products", "Bowl", "Net sales"),
    ),
    (
        "/products/shopify/b",
        "/api/metrics/product_performance?product_id=b&platform=shopify",
        lambda data: data[0]["units"],
        6,
        big("Units"),
    ),
    (
        "/customers",
        "/api/metrics/customer_insights",
        lambda data: data["repeatPurchaseRate"],
        "50.00",
        big("Repeat purchase rate"),
    ),
    (
        "/profitability",
        "/api/metrics/profitability_metrics",
        lambda data: data["grossProfit"],
        "84.13",
        big("Gross profit"),
    ),
    (
        "/inventory",
        "/api/metrics/sku_analysis?lead_days=14",
        lambda rows: of("productId", "m")(rows)["available"],
        7,
        cell("Stock of each product", "Mug", "Available"),
    ),
    ("/inventory", "/api/metrics/inventory_kpis", lambda data: data["stockValue"], "48.40", big("Stock at cost")),
    (
        "/activity",
        "/api/metrics/activity_trends",
        lambda rows: sum(row["visits"] or 0 for row in rows),
        7,
        big("Visits"),
    ),
    (
        "/clients",
        "/api/clients",
        lambda answer: answer["clients"][0]["sales"]["netSales"],
        "80.38",
        cell("How your shops stand", "Jura", "Net sales, 30 days"),
    ),
    (
        "/freshness",
        "/api/admin/analytics/status",
        lambda answer: answer["version"],
        1,
        lambda page: card(page, "Now").get_by_text("Version"),
    ),
    ("/jobs", "/api/jobs", lambda answer: answer["work"]["workers"], 0, fact("Work", "Workers")),
    (
        "/performance",
        "/api/performance/metrics",
        lambda answer: answer["requests"]["errors"],
        0,
        fact("Requests of this shop", "Failed"),
    ),
]


def answered(page: Page, shop: Shop, asked: str, days: str) -> Any:
    metric = asked.startswith("/api/metrics/")
    path = f"{asked}{'&' if '?' in asked else '?'}{days}" if metric else asked
    answer = page.request.get(f"{shop.address}{path}")
    assert answer.ok, f"{path}: {answer.text()}"
    return exact_json.loads(answer.text())["data"]


def number_in(shown: Locator) -> Decimal:
    found = NUMBER.search(shown.inner_text())
    assert found is not None, shown.inner_text()
    return Decimal(found[0].replace(",", ""))


def cohort_of(rows: Any) -> list[str]:
    """How the first cohort is shown: its size, and its share in each month since; of one that is not over, that."""
    cohort = [row for row in rows if row["cohort"] == rows[0]["cohort"]]
    shares = [row["retention"] for row in cohort]
    open_from = shares.index(None) if None in shares else len(shares)
    told = [f"{share:.1f}%" for share in shares[:open_from]]
    return [str(cohort[0]["size"]), *told, *["…"] * (open_from < len(shares))]


def took(ms: float) -> str:
    """As long as that takes less than a minute."""
    return f"{floor(ms + 0.5)} ms" if ms < 999.5 else f"{ms / 1000:.1f} s"
