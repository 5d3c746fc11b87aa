"""What may be written into a shop at random: each strategy makes some statements that belong together."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

TICK = timedelta(microseconds=1)
INSTANTS = [
    datetime.fromisoformat(text).replace(tzinfo=UTC) + nudge
    for text, nudges in {
        "2025-03-09T05:00": (-TICK, TICK * 0),  # midnight in New York and Havana, before the clocks change
        "2025-03-09T07:00": (-TICK, TICK * 0),  # when New York's do
        "2025-03-10T04:00": (-TICK, TICK * 0),
        "2025-04-01T00:00": (-TICK, TICK * 0),  # partition bound
        "2025-03-31T18:30": (-TICK, TICK * 0),  # midnight and a new month in Kolkata
        "2025-03-31T18:40": (TICK * 0,),
        "2025-04-05T15:00": (-TICK, TICK * 0),  # Lord Howe turns back half an hour
        "2025-11-01T04:00": (-TICK, TICK * 0),  # a new month in New York
        "2025-11-02T04:30": (TICK * 0,),  # half past midnight in Havana, for the first time
        "2025-11-02T05:30": (TICK * 0,),  # and again; half past one in New York
        "2025-11-02T06:30": (TICK * 0,),
        "2025-11-03T05:00": (-TICK, TICK * 0),
    }.items()
    for nudge in nudges
]  # fmt: skip
# Days on which and between which the instants fall, by some clocks but not by others.
RATE_DAYS = [date.fromisoformat(f"2025-{day}") for day in ("01-01", "03-09", "03-10", "04-01", "11-02")]
PLATFORMS = ("amazon", "shopify", "shopify")
MONEY = ["0", "0.01", "3.3333", "9.995", "10", "10.00", "49.9", "-5.25"]
PRICES = ["0", "0.333", "1.0005", "7.99", "19.9", "100"]
PUT_ORDER = """
    INSERT INTO orders (tenant_id, placed_at, platform, order_id, status, customer_id, sales_rep_id, currency,
                        total_amount, discount, shipping, tax)
    VALUES (current_tenant(), %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (tenant_id, placed_at, platform, order_id) DO UPDATE
        SET status = EXCLUDED.status, customer_id = EXCLUDED.customer_id, discount = EXCLUDED.discount"""
PUT_LINE = """
    INSERT INTO order_items (tenant_id, placed_at, platform, order_id, line_id, product_id, quantity, unit_price,
                             unit_cost, discount, tax)
    SELECT tenant_id, placed_at, platform, order_id, %s, %s, %s, %s, %s, %s, %s FROM orders
    WHERE platform = %s AND order_id = %s
    ON CONFLICT (tenant_id, placed_at, platform, order_id, line_id) DO UPDATE
        SET product_id = EXCLUDED.product_id, quantity = EXCLUDED.quantity, unit_cost = EXCLUDED.unit_cost"""
PUT_REFUND = """
    INSERT INTO refunds (tenant_id, platform, refund_id, line_id, order_id, product_id, customer_id, refunded_at,
                         quantity, amount)
    VALUES (current_tenant(), %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (tenant_id, platform, refund_id, line_id) DO UPDATE
        SET order_id = EXCLUDED.order_id, amount = EXCLUDED.amount, refunded_at = EXCLUDED.refunded_at"""
PUT_EXPENSE = """
    INSERT INTO expenses (tenant_id, platform, expense_id, incurred_at, category, amount)
    VALUES (current_tenant(), %s, %s, %s, %s, %s)
    ON CONFLICT (tenant_id, platform, expense_id) DO UPDATE
        SET incurred_at = EXCLUDED.incurred_at, category = EXCLUDED.category, amount = EXCLUDED.amount"""
PUT_RATE = """
    INSERT INTO exchange_rates (tenant_id, currency, day, rate) VALUES (current_tenant(), %s, %s, %s)
    ON CONFLICT (tenant_id, currency, day) DO UPDATE SET rate = EXCLUDED.rate"""
MOVE_RATE = """
    UPDATE exchange_rates e SET day = %s WHERE currency = %s AND day = %s AND NOT EXISTS (
        SELECT FROM exchange_rates o WHERE o.currency = e.currency AND o.day = %s)"""
DROP_RATES = "DELETE FROM exchange_rates WHERE currency = %s AND day >= %s"
PUT_SEGMENT = """
    INSERT INTO customers (tenant_id, platform, customer_id, segment) VALUES (current_tenant(), %s, %s, %s)
    ON CONFLICT (tenant_id, platform, customer_id) DO UPDATE SET segment = EXCLUDED.segment"""
SEGMENTED = "UPDATE customers SET segment = %s, name = 'Ann' WHERE platform = %s"
PUT_ACTIVITY = """
    INSERT INTO activity (tenant_id, platform, activity_id, occurred_at, kind, visitor_id, user_id, product_id)
    VALUES (current_tenant(), %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (tenant_id, platform, activity_id) DO UPDATE
        SET occurred_at = EXCLUDED.occurred_at, kind = EXCLUDED.kind, visitor_id = EXCLUDED.visitor_id"""
PUT_CUSTOMER = """
    INSERT INTO customers (tenant_id, platform, customer_id, created_at) VALUES (current_tenant(), %s, %s, %s)
    ON CONFLICT (tenant_id, platform, customer_id) DO UPDATE SET created_at = EXCLUDED.created_at"""
PUT_LEVEL = """
    INSERT INTO inventory_levels (tenant_id, platform, product_id, location, on_hand, reserved, incoming, counted_at)
    VALUES (current_tenant(), %s, %s, %s, %s, %s, %s, '2025-01-01Z')
    ON CONFLICT (tenant_id, platform, product_id, location) DO UPDATE
        SET on_hand = EXCLUDED.on_hand, reserved = EXCLUDED.reserved, incoming = EXCLUDED.incoming"""
PUT_PRODUCT = """
    INSERT INTO products (tenant_id, platform, product_id, cost) VALUES (current_tenant(), %s, %s, %s)
    ON CONFLICT (tenant_id, platform, product_id) DO UPDATE SET cost = EXCLUDED.cost"""

PUT_CATEGORY = """
    INSERT INTO products (tenant_id, platform, product_id, category_id) VALUES (current_tenant(), %s, %s, %s)
    ON CONFLICT (tenant_id, platform, product_id) DO UPDATE SET category_id = EXCLUDED.category_id"""


@dataclass(frozen=True)
class Work:
    """Some statements that belong together; `what` they are counted as when they touch a row."""

    what: str
    statements: tuple[tuple[str, tuple[Any, ...]], ...]

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(f"{self.what}{[tuple(map(str, arguments)) for _, arguments in self.statements]}")


platform = st.sampled_from(PLATFORMS)
order_id = st.sampled_from(["1", "2", "3", "4"])
line_id = st.sampled_from(["a", "b", "c"])
product = st.sampled_from(["p1", "p2", "p3", None])
customer = st.sampled_from(["c1", "c2", "c3", "c1", "c2", "c3", None])
known_customer = st.sampled_from(["c1", "c2", "c3"])
segment = st.sampled_from(["vip", "retail", "trade", None])
rep = st.sampled_from(["r1", "r2", None])
instant = st.sampled_from(INSTANTS)
MIDNIGHTS = [at for at in INSTANTS if (at.month, at.day) in ((3, 31), (11, 2))]
midnight = st.sampled_from(MIDNIGHTS + 3 * [at for at in MIDNIGHTS if (at.day, at.hour) == (2, 4)])
money = st.sampled_from(MONEY)
perhaps_money = st.sampled_from([None, *MONEY])
price = st.sampled_from(PRICES)
currency = st.sampled_from([None] * 4 + ["USD", "INR"])
foreign = st.sampled_from(["USD", "INR"])
rate_day = st.sampled_from(RATE_DAYS)
rate = st.sampled_from(["0.5", "1", "1.25", "83.1205"])
cost = st.sampled_from([None, "3", "0.125"])
known_or_not = st.sampled_from([None, "1", "2", "3", "4"])
refund_id = st.sampled_from(["f1", "f2", "f3"])
expense_id = st.sampled_from(["x1", "x2"])


@st.composite
def orders(draw: st.DrawFn) -> Work:
    where, number, who = draw(platform), draw(order_id), draw(customer)
    status = draw(st.sampled_from(["completed"] * 4 + ["pending", "cancelled"]))
    money_of_it = (draw(perhaps_money) if draw(st.booleans()) else None, draw(money), "4.5", draw(perhaps_money))
    order = (draw(instant), where, number, status, who, draw(rep), draw(currency), *money_of_it)
    statements = [(PUT_ORDER, order)]
    for line in draw(st.lists(line_id, max_size=3, unique=True)):
        amounts = (draw(st.integers(-1, 4)), draw(price), draw(cost), draw(st.sampled_from(["0", "0.1", "0.0625"])))
        statements.append((PUT_LINE, (line, draw(product), *amounts, draw(money), where, number)))
    return Work("guest orders" if who is None else "orders", tuple(statements))


@st.composite
def lines(draw: st.DrawFn) -> Work:
    line = (draw(line_id), draw(product), draw(st.integers(-1, 5)), draw(price), draw(cost), draw(money), draw(money))
    return Work("lines", ((PUT_LINE, (*line, draw(platform), draw(order_id))),))


def _lines_change(pair: tuple[str, Any], *key: str) -> Work:
    text = f"UPDATE order_items SET {pair[0]} = %s WHERE platform = %s AND order_id = %s AND line_id = %s"
    return Work("changed lines", ((text, (pair[1], *key)),))


STATUS = st.tuples(st.just("status"), st.sampled_from(["completed", "pending", "cancelled"]))
BUYER = st.tuples(st.just("customer_id"), customer)
CHANGES = st.one_of(
    STATUS,
    st.tuples(st.just("test"), st.booleans()),
    st.tuples(st.just("currency"), currency),
    BUYER,
    st.tuples(st.just("sales_rep_id"), rep),
    st.tuples(st.sampled_from(["discount", "shipping"]), money),
    st.tuples(st.sampled_from(["tax", "total_amount"]), perhaps_money),
)


def _orders_change(pair: tuple[str, Any], where: str, number: str | None) -> Work:
    """Of one order, or of all of a platform in one statement."""
    text = f"UPDATE orders SET {pair[0]} = %s WHERE platform = %s AND order_id = coalesce(%s, order_id)"
    return Work(f"changed {pair[0]}", ((text, (pair[1], where, number)),))


def _move(at: datetime, where: str, number: str, tables: tuple[str, ...]) -> Work:
    """To another instant, perhaps in another month; sometimes lines are left behind."""
    text = "UPDATE {} SET placed_at = %s WHERE platform = %s AND order_id = %s AND placed_at <> %s"
    return Work("moved orders", tuple((text.format(table), (at, where, number, at)) for table in tables))


def _delete(where: str, number: str, tables: tuple[str, ...]) -> Work:
    text = "DELETE FROM {} WHERE platform = %s AND order_id = %s"
    return Work("deleted orders", tuple((text.format(table), (where, number)) for table in tables))


@st.composite
def refunds(draw: st.DrawFn) -> Work:
    where, refund, order = draw(platform), draw(refund_id), draw(known_or_not)
    rest = (draw(st.sampled_from([None, None, "c1"])), draw(instant), draw(st.integers(0, 2)), draw(money))
    of = draw(st.lists(st.sampled_from(["", "a", "b"]), min_size=1, max_size=3, unique=True))
    named = draw(product)
    return Work(
        "refunds of several lines" if len(of) > 1 else "refunds",
        tuple((PUT_REFUND, (where, refund, line, order, None if line else named, *rest)) for line in of),
    )


@st.composite
def rates(draw: st.DrawFn) -> Work:
    """Put, moved to another day, or deleted."""
    what = draw(st.sampled_from(["rates", "rates", "rates", "moved rates", "moved rates", "deleted rates"]))
    name, days = draw(foreign), draw(st.lists(rate_day, min_size=2, max_size=3, unique=True))
    match what:
        case "moved rates":
            return Work(what, ((MOVE_RATE, (days[1], name, days[0], days[1])),))
        case "deleted rates":
            return Work(what, ((DROP_RATES, (name, days[0])),))
        case _:
            return Work(what, tuple((PUT_RATE, (name, day, draw(rate))) for day in days))


@st.composite
def sales_abroad(draw: st.DrawFn) -> Work:
    """An order of another currency, its rates before and after some day, and a refund at some other time."""
    where, number, name, at = draw(platform), draw(order_id), draw(foreign), draw(instant)
    order = (at, where, number, "completed", draw(customer), draw(rep), name, None, draw(money), "4.5", None)
    line = ("a", draw(product), draw(st.integers(1, 3)), draw(price), draw(cost), "0", "0.1", where, number)
    refund = (where, draw(refund_id), "a", number, None, None, draw(instant), 1, draw(money))
    days = (RATE_DAYS[0], draw(st.sampled_from(RATE_DAYS[1:])))
    priced = [(PUT_RATE, (name, day, draw(rate))) for day in days]
    return Work("sales abroad", ((PUT_ORDER, order), (PUT_LINE, line), (PUT_REFUND, refund), *priced))


def _one(what: str, text: str) -> Any:
    return lambda *arguments: Work(what, ((text, arguments),))


def _made(function: Any, *parts: Any) -> Any:
    return st.tuples(*parts).map(lambda drawn: function(*drawn))


known = _made(_one("customers in segments", PUT_SEGMENT), platform, known_customer, segment)
visitor = st.sampled_from(["v1", "v2", None])


@st.composite
def two_looks(draw: st.DrawFn) -> Work:
    """One visitor does two things at the same time, who must be one visitor of the day and of the hour."""
    where, at, who = draw(platform), draw(midnight), draw(st.sampled_from(["v1", "v2"]))
    first, second = draw(st.sampled_from([("visit", "view"), ("visit", "cart"), ("view", "cart")]))
    put = [
        (PUT_ACTIVITY, (where, name, at, kind, who, None, draw(product)))
        for name, kind in (("1", first), ("2", second))
    ]
    return Work("visits", tuple(put))


item = st.sampled_from(["p1", "p2"])
placed = _made(_one("products in categories", PUT_CATEGORY),
               platform, st.sampled_from(["p1", "p2", "p3"]), st.sampled_from(["x", "x", "y", "", None]))  # fmt: skip
visits = st.one_of(
    _made(_one("visits", PUT_ACTIVITY), platform, order_id, midnight, st.sampled_from(["visit", "view", "cart"]),
              visitor, visitor, product),
    two_looks(),
    _made(_one("moved visits", "UPDATE activity SET occurred_at = %s WHERE platform = %s"), midnight, platform),
    _made(_one("deleted visits", "DELETE FROM activity WHERE platform = %s AND activity_id = %s"),
              platform, order_id),
    _made(_one("sign-ups", PUT_CUSTOMER), platform, order_id, st.none() | midnight),
    _made(_one("deleted customers", "DELETE FROM customers WHERE customer_id = %s"), order_id),
)  # fmt: skip
counted = _made(_one("levels", PUT_LEVEL), platform, item, st.sampled_from(["here", "there"]),
                st.integers(-1, 4), st.integers(0, 1), st.integers(0, 1))  # fmt: skip
stock = st.one_of(
    counted,
    _made(_one("levels", PUT_LEVEL), platform, item, st.just("here"), st.integers(0, 2), st.just(0), st.just(0)),
    _made(_one("deleted levels", "DELETE FROM inventory_levels WHERE product_id = %s"), item),
    _made(_one("costs", PUT_PRODUCT), platform, item, cost),
    _made(_one("deleted products", "DELETE FROM products WHERE product_id = %s"), item),
)  # fmt: skip
both = st.sampled_from([("order_items", "orders"), ("order_items", "orders"), ("orders",)])
sold = st.one_of(
    orders(),
    orders(),
    orders(),
    lines(),
    # Worth nothing and of unknown cost: only its quantity is below zero.
    _made(_one("gifts taken back", PUT_LINE), line_id, product, st.just(-1), st.just("0"), st.none(), st.just("0"),
              st.just("0"), platform, order_id),
    _made(_lines_change, st.tuples(st.just("product_id"), product), platform, order_id, line_id),
    _made(_lines_change, st.tuples(st.just("quantity"), st.integers(-1, 3)), platform, order_id, line_id),
)  # fmt: skip
changed = st.one_of(
    _made(_orders_change, STATUS | BUYER, platform, order_id),
    _made(_orders_change, CHANGES, platform, order_id),
    _made(_orders_change, CHANGES, platform, st.none() | order_id),
    _made(_move, instant, platform, order_id, both),
    _made(_move, instant, platform, order_id, both),
    _made(_delete, platform, order_id, both),
    _made(_one("deleted lines", "DELETE FROM order_items WHERE line_id = %s"), line_id),
)
refunded = st.one_of(
    refunds(),
    refunds(),
    _made(_one("moved refunds", "UPDATE refunds SET order_id = %s WHERE platform = %s AND refund_id = %s"),
              st.none() | order_id, platform, refund_id),
    _made(_one("deleted refunds", "DELETE FROM refunds WHERE platform = %s AND refund_id = %s"),
              platform, refund_id),
)  # fmt: skip
paid = _made(_one("expenses", PUT_EXPENSE),
             platform, expense_id, midnight, st.sampled_from(["ads", "rent"]), money)  # fmt: skip
spent = st.one_of(
    paid,
    _made(_one("moved expenses", "UPDATE expenses SET incurred_at = %s WHERE platform = %s"), midnight, platform),
    _made(_one("deleted expenses", "DELETE FROM expenses WHERE platform = %s AND expense_id = %s"),
              platform, expense_id),
)  # fmt: skip
segmented = st.one_of(
    known,
    _made(_one("changed segments", SEGMENTED), segment, platform),
    _made(_one("changed segments", SEGMENTED), segment, platform),
    _made(_one("changed segments", SEGMENTED), segment, platform),
    _made(_one("deleted customers", "DELETE FROM customers WHERE platform = %s AND customer_id = %s"),
              platform, known_customer),
)  # fmt: skip
categorized = st.one_of(
    placed,
    _made(_one("changed categories", "UPDATE products SET category_id = %s WHERE platform = %s"),
              st.sampled_from(["x", "y", None]), platform),
)  # fmt: skip
# One die for all: choices of choices would be flattened, and what has many kinds would crowd out the rest.
SIDES = [
    strategy
    for strategy, sides in ((sold, 5), (changed, 6), (refunded, 3), (spent, 2), (segmented, 3), (categorized, 2),
                            (rates(), 3), (sales_abroad(), 1), (visits, 3), (stock, 3))
    for _ in range(sides)
]  # fmt: skip
work = st.integers(0, len(SIDES) - 1).flatmap(SIDES.__getitem__)
