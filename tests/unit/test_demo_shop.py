"""The made-up shop is believable: its figures lie where those of real shops do."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from tallymark.connectors.demo import generate
from tallymark.connectors.demo.shop import Shop
from tallymark.ingest import KINDS, Batch
from tallymark.ingest.kinds import Type

ORDERS = 30_000
BERLIN = ZoneInfo("Europe/Berlin")
UNTIL = datetime(2025, 6, 15, 14, 23, 11, tzinfo=BERLIN)

Row = tuple[Any, ...]
Ask = Callable[[str], Row]

TYPES = {Type.MONEY: "DECIMAL(18, 4)", Type.COUNT: "BIGINT", Type.INSTANT: "TIMESTAMP", Type.BOOLEAN: "BOOLEAN"}

# Orders and lines that count, as the definitions of the figures have it.
COUNTED = """
CREATE VIEW counted AS SELECT *, (placed_at AT TIME ZONE 'UTC') AT TIME ZONE 'Europe/Berlin' AS local FROM orders
WHERE status <> 'cancelled' AND NOT test;
CREATE VIEW sold AS SELECT i.*, quantity * unit_price - i.discount AS net
FROM order_items i JOIN counted USING (platform, order_id);
"""


def opened(
    folder: Path, orders: int, until: datetime, zone: ZoneInfo, currency: str = "EUR"
) -> duckdb.DuckDBPyConnection:
    """All records of a shop in a database of its own."""
    return filled(folder, generate(orders, 42, until, timezone=zone, currency=currency))


def filled(folder: Path, batches: Iterable[Batch]) -> duckdb.DuckDBPyConnection:
    """Batches in a database of their own, one table per kind; instants are in UTC."""
    connection = duckdb.connect()
    for kind in KINDS.values():
        columns = ", ".join(f"{column.name} {TYPES.get(column.type, 'VARCHAR')}" for column in kind)
        connection.execute(f"CREATE TABLE {kind.name} (platform VARCHAR DEFAULT '', line BIGINT, {columns})")
    for batch in batches:
        for table in batch.tables:
            path = folder / "table.csv"
            path.write_bytes(b"".join(table.chunks))
            if path.stat().st_size:
                columns = ", ".join(table.columns)
                connection.execute(f"COPY {table.kind} (line, {columns}) FROM '{path}' (HEADER false)")
                connection.execute(f"UPDATE {table.kind} SET platform = ? WHERE platform = ''", [batch.platform])
    connection.execute(COUNTED)
    return connection


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """The one row that answers a question about the shop."""
    with opened(tmp_path_factory.mktemp("shop"), ORDERS, UNTIL, BERLIN) as connection:
        yield lambda question: connection.execute(question).fetchall()[0]


def utc(moment: datetime) -> datetime:
    """As DuckDB gives it: in UTC, without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def within(value: float, low: float, high: float) -> bool:
    return low <= value <= high


def test_has_exactly_as_many_orders_as_asked_for(ask: Ask) -> None:
    assert ask("SELECT count(*), count(DISTINCT (platform, order_id)) FROM orders") == (ORDERS, ORDERS)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "exchange_rates"])
def test_every_record_has_a_key_of_its_own(ask: Ask, kind: str) -> None:
    key = ", ".join(("platform", *KINDS[kind].key))
    records, keys = ask(f"SELECT count(*), count(DISTINCT ({key})) FROM {kind}")
    assert records == keys > 0


def test_two_platforms_share_the_orders(ask: Ask) -> None:
    assert ask("SELECT list(DISTINCT platform ORDER BY platform) FROM orders") == (["amazon", "shopify"],)
    assert within(ask("SELECT avg((platform = 'shopify')::INT) FROM orders")[0], 0.64, 0.66)


def test_shares_of_statuses_test_orders_guests_and_representatives(ask: Ask) -> None:
    cancelled, pending, test, guests, looked_after = ask("""
        SELECT avg((status = 'cancelled')::INT), avg((status = 'pending')::INT), avg(test::INT),
               avg((customer_id IS NULL)::INT), avg((sales_rep_id IS NOT NULL)::INT) FROM orders""")
    assert within(cancelled, 0.025, 0.035)
    assert within(pending, 0.006, 0.014)
    assert within(test, 0.001, 0.003)
    assert within(guests, 0.07, 0.09)
    assert within(looked_after, 0.08, 0.18)
    assert ask("SELECT count(sales_rep_id) FROM orders WHERE platform = 'amazon'") == (0,)
    assert ask("SELECT count(*) FROM orders WHERE (status = 'cancelled') <> (cancelled_at IS NOT NULL)") == (0,)


def test_average_order_margin_and_repeat_rate_of_each_platform(ask: Ask) -> None:
    for platform in ("shopify", "amazon"):
        (average,) = ask(f"""
            SELECT (SELECT sum(net) FROM sold WHERE platform = '{platform}') / count(*) - avg(discount)
            FROM counted WHERE platform = '{platform}'""")
        (margin,) = ask(f"""
            SELECT 1 - sum(quantity * unit_cost) / sum(net) FROM sold
            WHERE platform = '{platform}' AND unit_cost IS NOT NULL""")
        (repeat,) = ask(f"""
            SELECT avg((n > 1)::INT) FROM (SELECT count(*) AS n FROM counted WHERE platform = '{platform}'
                                           AND customer_id IS NOT NULL GROUP BY customer_id)""")
        assert within(average, 30, 120)
        assert within(margin, 0.30, 0.65)
        assert within(repeat, 0.25, 0.60)


def test_costs_are_a_share_of_the_price_and_sometimes_not_known(ask: Ask) -> None:
    unknown, lowest, highest = ask("""
        SELECT avg((unit_cost IS NULL)::INT), min(unit_cost / unit_price), max(unit_cost / unit_price)
        FROM order_items""")
    assert within(unknown, 0.025, 0.035)
    assert within(lowest, 0.345, 0.40)  # A cent of rounding at the lowest price.
    assert within(highest, 0.60, 0.705)


def test_the_shop_states_totals_that_add_up_and_the_marketplace_states_none(ask: Ask) -> None:
    assert ask("""
        SELECT count(*) FROM orders JOIN (SELECT platform, order_id, sum(quantity * unit_price - discount) AS net
                                          FROM order_items GROUP BY ALL) USING (platform, order_id)
        WHERE platform = 'shopify' AND total_amount <> net - discount + shipping + tax""") == (0,)
    assert ask("SELECT count(total_amount), count(tax) FROM orders WHERE platform = 'amazon'") == (0, 0)
    assert ask("SELECT count(*) FROM order_items WHERE platform = 'shopify' AND tax <> 0") == (0,)


def test_money_has_two_decimals_and_the_tenants_currency(ask: Ask) -> None:
    for kind in KINDS.values():
        for column in (column.name for column in kind if column.type is Type.MONEY):
            assert ask(f"SELECT count(*) FROM {kind.name} WHERE {column} <> round({column}, 2)") == (0,)
            assert ask(f"SELECT count(*) FROM {kind.name} WHERE {column} < 0") == (0,)
    assert ask("SELECT list(DISTINCT currency) FROM orders") == (["EUR"],)


def test_about_one_order_in_twenty_is_refunded_in_part_in_full_or_by_an_amount(ask: Ask) -> None:
    assert within(ask(f"SELECT count(DISTINCT (platform, order_id)) / {ORDERS} FROM refunds")[0], 0.045, 0.055)
    by_amount, late, too_much, of_what_does_not_count = ask("""
        SELECT avg((r.line_id IS NULL)::INT), avg((refunded_at - placed_at > INTERVAL 7 DAY)::INT),
               count(*) FILTER (amount > net), count(*) FILTER (c.order_id IS NULL)
        FROM refunds r LEFT JOIN counted c USING (platform, order_id)
        LEFT JOIN (SELECT platform, order_id, line_id, net FROM sold) s
               ON (s.platform, s.order_id, s.line_id) = (r.platform, r.order_id, r.line_id)""")
    assert within(by_amount, 0.05, 0.12)
    assert within(late, 0.3, 0.8)
    assert (too_much, of_what_does_not_count) == (0, 0)
    in_full = ask("""
        SELECT avg((back = bought)::INT)
        FROM (SELECT platform, order_id, sum(quantity) AS back FROM refunds GROUP BY ALL)
        JOIN (SELECT platform, order_id, sum(quantity) AS bought FROM order_items GROUP BY ALL)
        USING (platform, order_id)""")
    assert within(in_full[0], 0.3, 0.8)


def test_customers_are_a_quarter_of_the_orders_with_a_heavy_tail_and_cohorts(ask: Ask) -> None:
    assert within(ask(f"SELECT count(*) / {ORDERS} FROM customers")[0], 0.24, 0.26)
    assert ask("""
        SELECT count(*) FROM (SELECT DISTINCT platform, customer_id FROM orders WHERE customer_id IS NOT NULL)
        ANTI JOIN customers USING (platform, customer_id)""") == (0,)
    median, most = ask("""
        SELECT median(n), max(n) FROM (SELECT count(*) AS n FROM orders WHERE customer_id IS NOT NULL
                                       GROUP BY platform, customer_id)""")
    assert median <= 2
    assert most >= 25
    assert (
        ask("""
        SELECT count(*) FROM customers c WHERE created_at > (
            SELECT min(placed_at) FROM orders o WHERE (o.platform, o.customer_id) = (c.platform, c.customer_id))""")
        == (0,)
    )
    assert ask("""
        SELECT count(DISTINCT date_trunc('month', (created_at AT TIME ZONE 'UTC') AT TIME ZONE 'Europe/Berlin'))
        FROM customers""") == (25,)


def test_grows_from_year_to_year_peaks_in_winter_and_dips_in_summer(ask: Ask) -> None:
    def sold_in(first: str, last: str) -> int:
        (orders,) = ask(f"SELECT count(*) FROM counted WHERE local::DATE BETWEEN '{first}' AND '{last}'")
        return int(orders)

    assert within(sold_in("2024-06-01", "2025-05-31") / sold_in("2023-06-01", "2024-05-31"), 1.2, 1.6)
    assert sold_in("2024-10-01", "2024-12-31") > 1.3 * sold_in("2024-07-01", "2024-09-30")
    assert sold_in("2024-08-01", "2024-08-31") < sold_in("2024-05-01", "2024-05-31")
    busiest = ask("SELECT local::DATE FROM counted GROUP BY ALL ORDER BY count(*) DESC LIMIT 1")[0]
    assert f"{busiest}" in ("2023-11-24", "2024-11-29")


def test_the_evening_stays_the_busiest_hour_of_the_shops_own_clock_in_summer_and_winter(ask: Ask) -> None:
    for months in ("(1, 2)", "(6, 7)"):
        busiest = ask(f"""
            SELECT hour(local) FROM counted WHERE month(local) IN {months}
            GROUP BY ALL ORDER BY count(*) DESC LIMIT 1""")
        assert busiest[0] in (19, 20, 21)
    assert ask(
        "SELECT count(*) FROM counted WHERE hour(local) = 2 AND local::DATE IN ('2024-03-31', '2025-03-30')"
    ) == (0,)


def test_few_articles_sell_much_and_all_have_a_name_a_price_and_a_category(ask: Ask) -> None:
    (share,) = ask("""
        SELECT sum(units) FILTER (rank <= 0.2 * articles) / sum(units)
        FROM (SELECT sum(quantity) AS units, rank() OVER (ORDER BY sum(quantity) DESC) AS rank,
                     count(*) OVER () AS articles FROM sold WHERE platform = 'shopify' GROUP BY product_id)""")
    assert within(share, 0.4, 0.8)
    assert ask("SELECT count(*) - count(DISTINCT name) FROM products WHERE platform = 'shopify'") == (0,)
    assert ask("""
        SELECT count(*) FROM products p LEFT JOIN categories c USING (platform, category_id)
        WHERE c.parent_id IS NULL OR p.price IS NULL OR p.cost IS NULL OR p.cost >= p.price""") == (0,)
    assert ask("""
        SELECT count(*) FROM categories c LEFT JOIN categories above
        ON (above.platform, above.category_id) = (c.platform, c.parent_id)
        WHERE c.parent_id IS NOT NULL AND above.parent_id IS NOT NULL OR c.parent_id IS NOT NULL AND above.name IS NULL
        """) == (0,)
    assert ask("SELECT count(*) FROM order_items ANTI JOIN products USING (platform, product_id)") == (0,)


def test_prices_change_over_time(ask: Ask) -> None:
    (changing,) = ask("""
        SELECT avg((prices > 1)::INT) FROM (SELECT count(DISTINCT unit_price) AS prices FROM order_items
                                            GROUP BY platform, product_id HAVING count(*) > 50)""")
    assert changing > 0.9


def test_ids_look_like_those_of_their_platform(ask: Ask) -> None:
    patterns = {
        ("shopify", "orders", "order_id"): r"\d{4,}",
        ("amazon", "orders", "order_id"): r"\d{3}-\d{7}-\d{7}",
        ("shopify", "products", "product_id"): r"\d{13}",
        ("amazon", "products", "product_id"): r"B0[0-9A-Z]{8}",
        ("amazon", "customers", "email"): r"[0-9a-z]+@marketplace\.example",
    }
    for (platform, kind, column), pattern in patterns.items():
        assert ask(f"""
            SELECT count(*) FROM {kind} WHERE platform = '{platform}' AND NOT regexp_full_match({column}, '{pattern}')
            """) == (0,)


def test_expenses_are_by_platform_and_for_the_shop_as_a_whole(ask: Ask) -> None:
    def categories(platform: str) -> list[str]:
        return list(
            ask(f"SELECT list(DISTINCT category ORDER BY category) FROM expenses WHERE platform = '{platform}'")[0]
        )

    assert categories("shopify") == ["Fulfilment", "Marketing", "Payment fees", "Software"]
    assert categories("amazon") == ["Fulfilment", "Marketing", "Marketplace fees", "Storage"]
    assert categories("store") == ["Insurance", "Rent", "Salaries", "Software", "Utilities"]
    (share,) = ask("SELECT (SELECT sum(amount) FROM expenses) / sum(net) FROM sold")
    assert within(share, 0.25, 0.45)


def test_stock_lies_in_two_places_with_some_run_out_and_some_dead(ask: Ask) -> None:
    assert ask("""
        SELECT list(DISTINCT places) FROM (SELECT count(*) AS places FROM inventory_levels
                                           GROUP BY platform, product_id)""") == ([2],)
    (run_out,) = ask("SELECT avg((on_hand = 0)::INT) FROM inventory_levels WHERE platform = 'shopify'")
    assert within(run_out, 0.005, 0.12)
    (dead,) = ask("""
        SELECT count(*) FROM products JOIN inventory_levels USING (platform, product_id)
        WHERE NOT active AND on_hand > 0""")
    assert dead > 0
    assert ask("SELECT count(*) FROM inventory_levels WHERE reserved > on_hand") == (0,)


def test_activity_is_that_of_the_last_thirty_days_and_narrows_from_visit_to_checkout(ask: Ask) -> None:
    visits, bounces, views, carts, checkouts, orders = ask("""
        SELECT count(*) FILTER (kind = 'visit'),
               (SELECT count(*) FROM (SELECT visitor_id FROM activity WHERE visitor_id IS NOT NULL
                                      GROUP BY ALL HAVING count(*) = 1)),
               count(DISTINCT visitor_id) FILTER (kind = 'view'), count(*) FILTER (kind = 'cart'),
               count(*) FILTER (kind = 'checkout'),
               (SELECT count(*) FROM orders WHERE platform = 'shopify' AND placed_at >= TIMESTAMP '2025-05-16 22:00')
        FROM activity""")
    assert visits > views > carts > checkouts > orders > 0
    assert within(bounces / visits, 0.3, 0.6)
    assert within(views / visits, 0.25, 0.45)
    assert within(ask("SELECT count(*) FROM activity")[0] / ORDERS, 0.9, 1.6)
    assert ask("SELECT min(occurred_at) >= TIMESTAMP '2025-05-16 22:00' FROM activity") == (True,)
    assert ask("""
        SELECT (SELECT list(user_id ORDER BY user_id) FROM activity WHERE kind = 'signup')
             = (SELECT list(customer_id ORDER BY customer_id) FROM customers
                WHERE platform = 'shopify' AND created_at >= TIMESTAMP '2025-05-16 22:00')""") == (True,)


def test_visitors_come_again_and_one_who_signs_in_is_always_the_same_customer(ask: Ask) -> None:
    again, signed_in, most = ask("""
        SELECT avg((n > 1)::INT), avg((who > 0)::INT), max(who)
        FROM (SELECT count(*) FILTER (kind = 'visit') AS n, count(DISTINCT user_id) AS who
              FROM activity WHERE visitor_id IS NOT NULL GROUP BY visitor_id)""")
    assert within(again, 0.15, 0.40)
    assert within(signed_in, 0.08, 0.16)
    assert most == 1
    assert ask("""
        SELECT count(*) FROM activity ANTI JOIN customers c ON (c.platform, c.customer_id) = ('shopify', user_id)
        WHERE user_id IS NOT NULL""") == (0,)


@pytest.mark.parametrize(("orders", "months"), [(1_000, 24), (ORDERS, 24), (100_000, 1)])
def test_of_all_visits_as_many_end_in_an_order_as_a_shop_owner_would_believe(
    tmp_path: Path, orders: int, months: int
) -> None:
    shop = Shop(orders, 42, UNTIL, months, BERLIN, "EUR")
    with filled(tmp_path, [shop.batch("shopify"), shop.batch("visits")]) as connection:
        events, visits, bought, days, worst, best = connection.execute("""
            WITH visited AS (
                SELECT (occurred_at AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Berlin')::DATE AS day, count(*) AS visits
                FROM activity WHERE kind = 'visit' GROUP BY ALL
            ), daily AS (
                SELECT day, visits, (SELECT count(*) FROM counted WHERE local::DATE = day) AS bought FROM visited
            )
            SELECT (SELECT count(*) FROM activity), sum(visits), sum(bought), count(*),
                   min(bought / visits), max(bought / visits) FROM daily""").fetchall()[0]
    assert within(bought / visits, 0.04, 0.06)
    assert events <= 600_000
    assert (days == 30) == (orders < 100_000)  # Of a shop with so many a day, fewer days are tracked.
    if orders >= ORDERS:
        assert within(worst, 0.02, 0.10)
        assert within(best, 0.02, 0.10)


def test_nothing_happens_after_the_end_or_before_the_opening(ask: Ask) -> None:
    for kind, column in (
        ("orders", "placed_at"),
        ("orders", "cancelled_at"),
        ("refunds", "refunded_at"),
        ("expenses", "incurred_at"),
        ("activity", "occurred_at"),
        ("customers", "created_at"),
        ("inventory_levels", "counted_at"),
    ):
        first, last = ask(f"SELECT min({column}), max({column}) FROM {kind}")
        assert utc(datetime(2023, 6, 1, tzinfo=BERLIN)) <= first <= last < utc(UNTIL)
    assert ask("SELECT max(created_at) FROM products")[0] < utc(UNTIL)


def test_the_last_day_is_under_way(ask: Ask) -> None:
    last, today = ask("SELECT max(placed_at), count(*) FILTER (local::DATE = '2025-06-15') FROM counted")
    assert utc(UNTIL) - last < timedelta(hours=2)
    assert today > 0


@pytest.mark.parametrize(
    ("orders", "until", "currency"),
    [
        (1_000, datetime(2025, 1, 1, 0, 10, tzinfo=ZoneInfo("Australia/Lord_Howe")), "AUD"),
        (1_001, datetime(2024, 11, 3, 1, 30, tzinfo=ZoneInfo("America/New_York")), "USD"),
        (1_000, datetime(2025, 3, 1, 0, 0, tzinfo=ZoneInfo("Asia/Tokyo")), "JPY"),
    ],
)
def test_small_shops_in_other_zones(tmp_path: Path, orders: int, until: datetime, currency: str) -> None:
    zone = until.tzinfo
    assert isinstance(zone, ZoneInfo)
    with opened(tmp_path, orders, until, zone, currency) as connection:
        count, last = connection.execute("SELECT count(*), max(placed_at) FROM orders").fetchall()[0]
        whole = connection.execute("SELECT count(*) FROM order_items WHERE unit_price = floor(unit_price)").fetchall()
    assert count == orders
    assert last < utc(until)
    assert (whole[0][0] > orders) == (currency == "JPY")
