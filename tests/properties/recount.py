"""What every derived table must hold, counted in plain Python from the base rows: no line of it is the product's."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection
from psycopg.rows import namedtuple_row
from tests.properties import recount_days

Row = tuple[Any, ...]
Tables = dict[str, set[Row]]

COLUMNS = {
    "order_fact": "placed_at, platform, order_id, day, hour, customer_id, segment, sales_rep_id, orders,"
    " foreign_orders, units, gross, discounts, shipping, tax, total, cost, costed_net,"
    " line_product, line_quantity, line_gross, line_discount, line_cost",
    "refund_fact": "platform, refund_id, line_id, refunded_at, day, hour, order_day, order_hour, product_id,"
    " customer_id, segment, sales_rep_id, quantity, amount",
    "sales_day": "day, platform, orders, foreign_orders, units, gross, discounts, shipping, tax, total, cost,"
    " costed_net, costed_lines, uncosted_lines, refunds, returned_units, returns, order_refunds,"
    " order_returned_units, order_returns",
    "sales_hour": "day, hour, platform, orders, units, gross, discounts, shipping, tax, total, returns, order_returns",
    "product_day": "day, platform, product_id, lines, negatives, units, gross, discounts, cost, costed_net,"
    " returned_units, returns, order_returned_units, order_returns",
    "product_month": "month, platform, product_id, lines, negatives, units, gross, discounts, cost, costed_net,"
    " returned_units, returns, order_returned_units, order_returns",
    "product_total": "platform, product_id, lines, negatives, units, gross, discounts, cost, costed_net,"
    " returned_units, returns, order_returned_units, order_returns",
    "product_category": "platform, product_id, category_id",
    "category_day": "day, platform, category_id, units, gross, discounts, cost, costed_net, returns, order_returns",
    "category_month": "month, platform, category_id, units, gross, discounts, cost, costed_net, returns, order_returns",
    "assortment_month": "month, platform, products",
    "rep_day": "day, platform, sales_rep_id, orders, units, gross, discounts, total, cost, costed_net, returns,"
    " order_returns",
    "segment_day": "day, platform, segment, orders, units, gross, discounts, cost, costed_net, returns, order_returns",
    "customer_day": "platform, customer_id, day, orders, gross, discounts, total, nullif(prev_day, '-infinity')",
    "return_gap": "platform, day, nullif(prev_day, '-infinity'), customers",
    "return_month": "nullif(prev_month, '-infinity'), day, platform, customers, gap_days",
    "repeat_gap": "platform, day, nullif(prev_day, '-infinity'), orders",
    "repeat_month": "nullif(prev_month, '-infinity'), day, platform, orders",
    "buyers_day": "day, platform, customers, new_customers, once, gap_days, orders, gross, discounts",
    "customer_fact": "platform, customer_id, first_day, last_day, days, orders, gross, discounts, total",
    "customer_refund": "platform, customer_id, refunds, returns",
    "cohort_month": "platform, cohort, month, customers",
    **recount_days.COLUMNS,
}
BASE = ("orders", "order_items", "refunds", "exchange_rates", *recount_days.BASE)
ZERO = Decimal(0)


def stored(conn: Connection[Any], tenant_id: int) -> Tables:
    """The derived tables as the transaction sees them."""
    found = {}
    for table, columns in COLUMNS.items():
        query = f"SELECT {columns} FROM tallymark.{table} WHERE tenant_id = {int(tenant_id)}"
        rows = [_hashable(row) for row in conn.execute(query)]
        found[table] = set(rows)
        assert len(found[table]) == len(rows), f"{table} holds a row twice"
    return found


def base(conn: Connection[Any], tenant_id: int) -> dict[str, list[Any]]:
    """The base tables as the transaction sees them."""
    with conn.cursor(row_factory=namedtuple_row) as cursor:
        return {
            table: cursor.execute(f"SELECT * FROM tallymark.{table} WHERE tenant_id = {int(tenant_id)}").fetchall()
            for table in BASE
        }


def rate_of(order: Any, rates: list[Any], zone: ZoneInfo, currency: str) -> Decimal | None:
    """What one unit of the order's money is worth; None where nobody knows."""
    if order.currency in (None, currency):
        return Decimal(1)
    day = order.placed_at.astimezone(zone).date()
    known = {row.day: row.rate for row in rates if row.currency == order.currency and row.day <= day}
    return known[max(known)] if known else None


def recount(rows: dict[str, list[Any]], zone: ZoneInfo, currency: str) -> Tables:
    """Every derived table of one tenant."""
    lines: dict[Row, list[Any]] = defaultdict(list)
    for item in rows["order_items"]:
        lines[item.placed_at, item.platform, item.order_id].append(item)
    orders, first_of_id = {}, {}
    for order in sorted(rows["orders"], key=lambda row: row.placed_at):
        key = (order.placed_at, order.platform, order.order_id)
        first_of_id.setdefault(key[1:], order)
        if order.status != "cancelled" and not order.test:
            orders[key] = order
    tables: Tables = {table: set() for table in COLUMNS}
    sums: dict[str, dict[Row, list[Any]]] = {
        table: defaultdict(lambda width=width: [0] * width)  # type: ignore[misc]
        for table, width in {
            "sales_day": 18, "sales_hour": 9, "product_day": 11, "product_month": 11, "product_total": 11,
            "category_day": 7, "category_month": 7, "assortment_month": 1, "rep_day": 9, "segment_day": 8,
            "customer_refund": 2,
        }.items()
    }  # fmt: skip
    segments = {(row.platform, row.customer_id): row.segment or "" for row in rows["customers"]}
    bought: dict[Row, dict[date, list[Any]]] = defaultdict(lambda: defaultdict(lambda: [0] * 4))

    def add(table: str, key: Row, start: int, *amounts: Any) -> None:
        row = sums[table][key]
        for index, amount in enumerate(amounts, start):
            row[index] += amount

    for key, order in orders.items():
        mine = sorted(lines.get(key, ()), key=lambda item: item.line_id.encode())
        segment = segments.get((order.platform, order.customer_id), "")
        rate = rate_of(order, rows["exchange_rates"], zone, currency)
        _count_order(key, order, mine, segment, zone, rate, tables, add, bought)
    for refund in rows["refunds"]:
        order = first_of_id.get((refund.platform, refund.order_id))
        its_lines = lines.get((order.placed_at, order.platform, order.order_id), ()) if order else ()
        rate = rate_of(order, rows["exchange_rates"], zone, currency) if order else Decimal(1)
        _count_refund(refund, order, its_lines, segments, zone, rate, tables, add)
    for (month, platform, product), (number_of_lines, *_) in sums["product_month"].items():
        if product and number_of_lines:
            add("assortment_month", (month, platform), 0, 1)
    categories = {(row.platform, row.product_id): row.category_id or "" for row in rows["products"]}
    tables["product_category"] = {(*product, category) for product, category in categories.items() if category}
    for (day, platform, product), measures in sums["product_day"].items():
        category = categories.get((platform, product), "")
        for table, when in (("category_day", day), ("category_month", day.replace(day=1))):
            add(table, (when, platform, category), 0, *measures[2:7], measures[8], measures[10])
    for table, by_key in sums.items():
        tables[table] = {key + tuple(row) for key, row in by_key.items() if any(row)}
    _count_customers(bought, tables)
    return tables | recount_days.count_days(rows, zone) | recount_days.count_stock(rows)


def _count_order(
    key: Row,
    order: Any,
    items: list[Any],
    segment: str,
    zone: ZoneInfo,
    rate: Decimal | None,
    tables: Tables,
    add: Any,
    bought: Any,
) -> None:
    placed_at, platform, _ = key
    local = placed_at.astimezone(zone)
    day, hour = local.date(), local.hour
    who = (order.customer_id, segment, order.sales_rep_id)
    if rate is None:
        tables["order_fact"].add((*key, day, hour, *who, 0, 1, 0, *[ZERO] * 7, (), (), (), (), ()))
        add("sales_day", (day, platform), 0, 0, 1)
        return
    products = [item.product_id or "" for item in items]
    quantities = [item.quantity for item in items]
    grosses = [item.quantity * item.unit_price for item in items]
    discounts = [item.discount for item in items]
    costs = [None if item.unit_cost is None else item.quantity * item.unit_cost for item in items]
    tax = order.tax if order.tax is not None else sum((item.tax for item in items), ZERO)
    gross, line_discounts = sum(grosses, ZERO), sum(discounts, ZERO)
    total = order.total_amount
    if total is None:
        total = gross - line_discounts - order.discount + order.shipping + tax
    if order.discount != 0 and gross == line_discounts:
        products, quantities, grosses = [*products, ""], [*quantities, 0], [*grosses, ZERO]
        discounts, costs = [*discounts, order.discount], [*costs, None]
    elif order.discount != 0:
        discounts = spread(order.discount, grosses, discounts)
    discounted = line_discounts + order.discount
    assert sum(discounts, ZERO) == discounted
    gross, discounted, total, tax, shipping = (m * rate for m in (gross, discounted, total, tax, order.shipping))
    grosses, discounts = [g * rate for g in grosses], [d * rate for d in discounts]
    costs = [None if c is None else c * rate for c in costs]
    units = sum(quantities)
    cost = sum((c for c in costs if c is not None), ZERO)
    costed_net = sum((g - d for g, d, c in zip(grosses, discounts, costs, strict=True) if c is not None), ZERO)
    tables["order_fact"].add(
        (*key, day, hour, *who, 1, 0, units, gross, discounted, shipping, tax, total, cost, costed_net,
         tuple(products), tuple(quantities), tuple(grosses), tuple(discounts), tuple(costs))
    )  # fmt: skip
    sales = (units, gross, discounted, shipping, tax, total)
    known = [c is not None for c, quantity in zip(costs, quantities, strict=True) if quantity]
    add("sales_day", (day, platform), 0, 1, 0, *sales, cost, costed_net, known.count(True), known.count(False))
    add("sales_hour", (day, hour, platform), 0, 1, *sales)
    for product, quantity, g, d, c in zip(products, quantities, grosses, discounts, costs, strict=True):
        negative = quantity < 0 or g < d or (c or ZERO) < 0
        line = (1, int(negative), quantity, g, d, c or ZERO, ZERO if c is None else g - d)
        add("product_day", (day, platform, product), 0, *line)
        add("product_month", (day.replace(day=1), platform, product), 0, *line)
        add("product_total", (platform, product), 0, *line)
    if order.sales_rep_id is not None:
        add("rep_day", (day, platform, order.sales_rep_id), 0, 1, units, gross, discounted, total, cost, costed_net)
    add("segment_day", (day, platform, segment), 0, 1, units, gross, discounted, cost, costed_net)
    if order.customer_id is not None:
        mine = bought[platform, order.customer_id][day]
        mine[:] = [a + b for a, b in zip(mine, (1, gross, discounted, total), strict=True)]


def _count_refund(
    refund: Any,
    order: Any,
    lines: Any,
    segments: dict[Row, str],
    zone: ZoneInfo,
    rate: Decimal | None,
    tables: Tables,
    add: Any,
) -> None:
    if rate is None or (order and (order.status == "cancelled" or order.test)):
        return
    at = refund.refunded_at.astimezone(zone)
    order_at = order.placed_at.astimezone(zone) if order else at
    product = refund.product_id
    if product is None:
        product = next((line.product_id for line in lines if line.line_id == refund.line_id), None) or ""
    customer = refund.customer_id
    if customer is None and order:
        customer = order.customer_id
    rep = order.sales_rep_id if order else None
    quantity, amount, platform = refund.quantity, refund.amount * rate, refund.platform
    segment = segments.get((platform, customer), "")
    tables["refund_fact"].add(
        (platform, refund.refund_id, refund.line_id, refund.refunded_at, at.date(), at.hour, order_at.date(),
         order_at.hour, product, customer, segment, rep, quantity, amount)
    )  # fmt: skip
    for index, when in enumerate((at, order_at)):
        day = when.date()
        add("sales_day", (day, platform), 12 + 3 * index, 1, quantity, amount)
        add("sales_hour", (day, when.hour, platform), 7 + index, amount)
        for table, key in (("product_day", (day,)), ("product_month", (day.replace(day=1),)), ("product_total", ())):
            add(table, (*key, platform, product), 7 + 2 * index, quantity, amount)
            add(table, (*key, platform, product), 1, int(amount < 0))
        if rep is not None:
            add("rep_day", (day, platform, rep), 7 + index, amount)
        add("segment_day", (day, platform, segment), 6 + index, amount)
    if customer is not None:
        add("customer_refund", (platform, customer), 0, 1, amount)


def _count_customers(bought: Any, tables: Tables) -> None:
    gaps: dict[Row, int] = defaultdict(int)
    months: dict[Row, list[int]] = defaultdict(lambda: [0, 0])
    repeat_months: dict[Row, int] = defaultdict(int)
    cohorts: dict[Row, int] = defaultdict(int)
    repeats: dict[Row, int] = defaultdict(int)
    buyers: dict[Row, list[Any]] = defaultdict(lambda: [0] * 7)
    for (platform, customer), days in bought.items():
        previous = None
        before_last = last = None  # The days of the customer's last two orders, one by one.
        for day in sorted(days):
            tables["customer_day"].add((platform, customer, day, *days[day], previous))
            gaps[platform, day, previous] += 1
            orders, gross, discounts, _ = days[day]
            once = len(days) == 1 and orders == 1
            gap = (day - previous).days if previous else 0
            row = months[previous and previous.replace(day=1), day, platform]
            row[:] = row[0] + 1, row[1] + gap
            figures = (1, previous is None, once, gap, orders, gross, discounts)
            buyers[day, platform] = [a + b for a, b in zip(buyers[day, platform], figures, strict=True)]
            for order in range(orders):
                if order < 2:
                    repeats[platform, day, before_last] += 1
                    repeat_months[before_last and before_last.replace(day=1), day, platform] += 1
                before_last, last = last, day
            previous = day
        sums = tuple(map(sum, zip(*days.values(), strict=True)))
        tables["customer_fact"].add((platform, customer, min(days), max(days), len(days), *sums))
        for month in {day.replace(day=1) for day in days}:
            cohorts[platform, min(days).replace(day=1), month] += 1
    tables["return_gap"] = {(*key, number) for key, number in gaps.items()}
    tables["return_month"] = {(*key, *numbers) for key, numbers in months.items()}
    tables["repeat_month"] = {(*key, number) for key, number in repeat_months.items()}
    tables["repeat_gap"] = {(*key, number) for key, number in repeats.items()}
    tables["buyers_day"] = {(*key, *figures) for key, figures in buyers.items()}
    tables["cohort_month"] = {(*key, number) for key, number in cohorts.items()}


def spread(discount: Decimal, grosses: list[Decimal], discounts: list[Decimal]) -> list[Decimal]:
    """Each line's discount once the order's is shared out by net, in differences of rounded running totals."""
    digits = max(2, -int(discount.as_tuple().exponent))
    nets = [Fraction(g) - Fraction(d) for g, d in zip(grosses, discounts, strict=True)]
    shared, running, given = [], Fraction(0), ZERO
    for net, own in zip(nets, discounts, strict=True):
        running += net
        upto = _round(Fraction(discount) * running / sum(nets), digits)
        shared.append(own + upto - given)
        given = upto
    return shared


def _round(value: Fraction, digits: int) -> Decimal:
    """Half away from zero."""
    scaled = abs(value) * 10**digits
    whole = int(scaled + Fraction(1, 2))
    return Decimal(whole if value >= 0 else -whole).scaleb(-digits)


def distinct_customers(rows: dict[str, list[Any]], zone: ZoneInfo, currency: str) -> dict[Row, list[date]]:
    """The day of each order of each customer, straight from the orders."""
    days: dict[Row, list[date]] = defaultdict(list)
    for order in rows["orders"]:
        rate = rate_of(order, rows["exchange_rates"], zone, currency)
        counts = order.status != "cancelled" and not order.test and rate is not None
        if counts and order.customer_id is not None:
            days[order.platform, order.customer_id].append(order.placed_at.astimezone(zone).date())
    return days


def _hashable(row: Row) -> Row:
    return tuple(tuple(value) if isinstance(value, list) else value for value in row)


def differences(found: Tables, expected: Tables) -> dict[str, dict[str, list[Row]]]:
    """Rows of each table that are there but should not be, and the other way round."""
    wrong = {}
    for table in COLUMNS:
        extra, missing = found[table] - expected[table], expected[table] - found[table]
        if extra or missing:
            wrong[table] = {"stored": sorted(extra, key=repr)[:5], "recounted": sorted(missing, key=repr)[:5]}
    return wrong
