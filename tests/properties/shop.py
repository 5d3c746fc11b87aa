"""Two shops under random writes: the state machine behind test_rollups_exact and the mutants.

Four writers hold transactions open across each other's and commit late or never, while a refresher advances in small
steps, rebuilds, is interrupted, and purges. At a check, in one snapshot, every derived table must equal the recount.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any, ClassVar

import psycopg
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from psycopg import errors

from tallymark import rollups
from tallymark.changes import progress, purge
from tallymark.db import Database
from tallymark.model import Tenant

from .recount import base, differences, distinct_customers, recount, stored

TICK = timedelta(microseconds=1)
ZONES = [
    (("America/New_York", "USD"), ("Asia/Kolkata", "INR")),
    (("Asia/Kolkata", "INR"), ("America/New_York", "USD")),
    (("America/Havana", "CUP"), ("Australia/Lord_Howe", "AUD")),
]
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
PLATFORMS = ("amazon", "shopify", "shopify")
MONEY = ["0", "0.01", "3.3333", "9.995", "10", "10.00", "49.9", "-5.25"]
PRICES = ["0", "0.333", "1.0005", "7.99", "19.9", "100"]
KEYS = {
    "sales_day": 2, "sales_hour": 3, "product_day": 3, "product_month": 3, "product_total": 2,
    "assortment_month": 2, "rep_day": 3, "segment_day": 3, "expense_day": 3, "customer_refund": 2, "return_gap": 3,
    "return_month": 3, "repeat_gap": 3, "repeat_month": 3, "buyers_day": 2, "cohort_month": 3, "customer_day": 3,
    "customer_fact": 2,
}  # fmt: skip
REFUSED = (errors.LockNotAvailable, errors.UniqueViolation, errors.DeadlockDetected, errors.SerializationFailure)

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
RENAME = """
    INSERT INTO products (tenant_id, platform, product_id, name) VALUES (current_tenant(), %s, %s, %s)
    ON CONFLICT (tenant_id, platform, product_id) DO UPDATE SET name = EXCLUDED.name"""
PUT_CUSTOMER = """
    INSERT INTO customers (tenant_id, platform, customer_id, segment) VALUES (current_tenant(), %s, %s, %s)
    ON CONFLICT (tenant_id, platform, customer_id) DO UPDATE SET segment = EXCLUDED.segment"""
SEGMENTED = "UPDATE customers SET segment = %s, name = 'Ann' WHERE platform = %s"
LATE = """
    SELECT count(DISTINCT l.xid) FROM change_log l JOIN publications p USING (tenant_id)
    WHERE tenant_id = current_tenant() AND xid < pg_snapshot_xmax(seen) AND NOT pg_visible_in_snapshot(xid, seen)"""


@dataclass(frozen=True)
class Work:
    """Some statements that belong together; `what` they are counted as when they touch a row."""

    what: str
    statements: tuple[tuple[str, tuple[Any, ...]], ...]

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(f"{self.what}{[tuple(map(str, arguments)) for _, arguments in self.statements]}")


end = st.sampled_from(["commit", "commit", "open", "open", "open", "rollback"])
platform = st.sampled_from(PLATFORMS)
order_id = st.sampled_from(["1", "2", "3", "4"])
line_id = st.sampled_from(["a", "b", "c"])
product = st.sampled_from(["p1", "p2", "p3", None])
customer = st.sampled_from(["c1", "c2", "c3", "c1", "c2", "c3", None])
known_customer = st.sampled_from(["c1", "c2", "c3"])
segment = st.sampled_from(["vip", "retail", "trade", None])
rep = st.sampled_from(["r1", "r2", None])
instant = st.sampled_from(INSTANTS)
midnight = st.sampled_from([at for at in INSTANTS if (at.month, at.day) in ((3, 31), (11, 2))])
money = st.sampled_from(MONEY)
perhaps_money = st.sampled_from([None, *MONEY])
price = st.sampled_from(PRICES)
currency = st.sampled_from([None] * 9 + ["USD", "INR", "CUP"])
cost = st.sampled_from([None, "3", "0.125"])
known_or_not = st.sampled_from([None, "1", "2", "3", "4", "1", "2", "3", "4"])
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


CHANGES = st.one_of(
    st.tuples(st.just("status"), st.sampled_from(["completed", "pending", "cancelled"])),
    st.tuples(st.just("test"), st.booleans()),
    st.tuples(st.just("currency"), currency),
    st.tuples(st.just("customer_id"), customer),
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


def _one(what: str, text: str) -> Any:
    return lambda *arguments: Work(what, ((text, arguments),))


def _made(function: Any, *parts: Any) -> Any:
    return st.tuples(*parts).map(lambda drawn: function(*drawn))


known = _made(_one("customers in segments", PUT_CUSTOMER), platform, known_customer, segment)
both = st.sampled_from([("order_items", "orders"), ("order_items", "orders"), ("orders",)])
work = st.one_of(
    orders(),
    orders(),
    lines(),
    _made(_lines_change, st.tuples(st.just("product_id"), product), platform, order_id, line_id),
    _made(_lines_change, st.tuples(st.just("quantity"), st.integers(-1, 3)), platform, order_id, line_id),
    _made(_orders_change, CHANGES, platform, order_id),
    _made(_orders_change, CHANGES, platform, st.none() | order_id),
    _made(_move, instant, platform, order_id, both),
    _made(_delete, platform, order_id, both),
    _made(_one("deleted lines", "DELETE FROM order_items WHERE line_id = %s"), line_id),
    refunds(),
    _made(_one("moved refunds", "UPDATE refunds SET order_id = %s WHERE platform = %s AND refund_id = %s"),
              st.none() | order_id, platform, refund_id),
    _made(_one("deleted refunds", "DELETE FROM refunds WHERE platform = %s AND refund_id = %s"),
              platform, refund_id),
    _made(_one("expenses", PUT_EXPENSE),
              platform, expense_id, midnight, st.sampled_from(["ads", "rent"]), money),
    _made(_one("moved expenses", "UPDATE expenses SET incurred_at = %s WHERE platform = %s"), midnight, platform),
    _made(_one("deleted expenses", "DELETE FROM expenses WHERE platform = %s AND expense_id = %s"),
              platform, expense_id),
    known,
    _made(_one("changed segments", SEGMENTED), segment, platform),
    _made(_one("changed segments", SEGMENTED), segment, platform),
    _made(_one("deleted customers", "DELETE FROM customers WHERE platform = %s AND customer_id = %s"),
              platform, known_customer),
    _made(_one("renamed products", RENAME), platform, st.sampled_from(["p1", "p2"]), st.sampled_from(["A", "B"])),
)  # fmt: skip


a_writer = st.integers(0, 3)
a_shop = st.sampled_from([0, 0, 0, 1])
Step = tuple[str, tuple[Any, ...]]
# One choice for all: rules of their own would be switched off at random, and most programs would do next to nothing.
writing = st.tuples(st.just("write"), st.tuples(a_writer, a_shop, st.lists(work, min_size=1, max_size=5), end))
advancing = st.tuples(
    st.just("advance"), st.tuples(a_shop, st.sampled_from([1, 2, 1000, 1000]), a_writer, st.booleans())
)
a_step: st.SearchStrategy[Step] = st.integers(0, 19).flatmap(
    lambda die: writing if die < 10
    else st.tuples(st.just("commit"), st.tuples(a_writer)) if die < 12
    else advancing if die < 17
    else st.tuples(st.just("check"), st.tuples(a_shop, st.sampled_from([False] * 5 + [True]))) if die < 19
    else st.tuples(st.just("rebuild"), st.tuples(a_shop, st.none() | st.integers(8, 24)))
)  # fmt: skip


class Writer:
    """A session of the application's role; one tenant for each transaction."""

    def __init__(self, conninfo: str) -> None:
        self.connection = psycopg.connect(conninfo)
        self.tenant: Tenant | None = None
        self.dirty = False

    def begin(self, tenant: Tenant) -> None:
        if self.tenant is None:
            self.tenant = tenant
            self.connection.execute(
                "SELECT set_config('role', 'tallymark_app', true), set_config('search_path', 'tallymark', true),"
                " set_config('tallymark.tenant', %s, true), set_config('lock_timeout', '8ms', true)",
                (str(tenant.tenant_id),),
            )

    def end(self, how: str) -> None:
        self.connection.commit() if how == "commit" else self.connection.rollback()
        self.tenant, self.dirty = None, False


class Shops(RuleBasedStateMachine):
    """Rules are what may happen to the two shops; `seen` counts what did, over the whole run."""

    database: ClassVar[Database]
    writers: ClassVar[list[Writer]]
    seen: ClassVar[Counter[str]] = Counter()
    numbers: ClassVar[Any] = count(1)

    @classmethod
    def open(cls, database: Database) -> None:
        cls.database, cls.seen = database, Counter()
        cls.writers = [Writer(database.conninfo) for _ in range(4)]
        with database.connect(None) as conn:
            conn.execute("SELECT ensure_months('2025-01-01Z', '2025-12-31Z')")

    @classmethod
    def close(cls) -> None:
        for each in cls.writers:
            each.connection.close()

    @initialize(zones=st.sampled_from(ZONES), first=st.lists(known | orders() | orders(), min_size=6, max_size=10))
    def found(self, zones: Any, first: list[Work]) -> None:
        number = next(self.numbers)
        self.tenants = []
        self.kept: list[dict[str, set[Any]]] = [{}, {}]
        self.segments: list[dict[Any, str]] = [{}, {}]
        with self.database.connect(None) as conn:
            for index, (zone, currency) in enumerate(zones):
                slug = f"shop-{number}-{index}"
                row = conn.execute(
                    "INSERT INTO tenants (slug, name, timezone, currency) VALUES (%s, %s, %s, %s) RETURNING tenant_id",
                    (slug, slug, zone, currency),
                ).fetchone()
                assert row is not None
                self.tenants.append(Tenant(row[0], slug, slug, zone, currency))
        for shop in (0, 1):
            self.write(0, shop, first, "commit")
            self._build(shop, None)

    def teardown(self) -> None:
        for each in self.writers:
            each.end("rollback")

    @rule(step=a_step)
    def step(self, step: Step) -> None:
        name, arguments = step
        getattr(self, name)(*arguments)

    # --- what writers do

    def write(self, writer: int, shop: int, works: list[Work], end: str) -> None:
        """In the writer's transaction, which may have begun long ago and stays open if `end` says so."""
        session = self.writers[writer]
        session.begin(self.tenants[shop])
        try:
            for each in works:
                rows = sum(session.connection.execute(*statement).rowcount for statement in each.statements)
                self.seen[each.what] += rows > 0
                self.seen["written rows"] += rows
                session.dirty = session.dirty or rows > 0
        except REFUSED:
            self.seen["refused"] += 1
            session.end("rollback")
            return
        if end != "open":
            self.seen["rollbacks"] += end == "rollback" and session.dirty
            session.end(end)

    def commit(self, writer: int) -> None:
        self.writers[writer].end("commit")

    # --- what the refresher does

    def advance(self, shop: int, most: int, meanwhile: int, purged: bool) -> None:
        """One step, committed, whether it was the last or not. Before the log is purged, a writer commits."""
        tenant = self.tenants[shop]
        if self._state(shop).building:
            return
        with self.database.connect(tenant.tenant_id, isolation="repeatable read") as conn:
            done = rollups.advance(conn, tenant, most=most)
        self.seen["steps that left more"] += not done.settled
        self.seen["orders applied"] += done.applied.orders
        if purged:
            self.commit(meanwhile)
            with self.database.connect(tenant.tenant_id) as conn:
                self.seen["late commits at a purge"] += conn.execute(LATE).fetchone()[0]  # type: ignore[index]
                self.seen["purged rows"] += purge(conn, tenant.tenant_id)

    def rebuild(self, shop: int, stop: int | None) -> None:
        """Another build, or the rest of the one that was interrupted; perhaps interrupted after `stop` steps."""
        self._build(shop, stop)

    def check(self, shop: int, verify: bool) -> None:
        """Advances until settled and compares, in one snapshot."""
        tenant = self.tenants[shop]
        self.seen["checks"] += 1
        if self._state(shop).building:
            self._build(shop, None)
        with self.database.session(tenant.tenant_id) as session:
            with session.transaction("repeatable read") as conn:
                self.seen["open transactions at a check"] += sum(each.dirty for each in self.writers)
                self.seen["late commits"] += conn.execute(LATE).fetchone()[0]  # type: ignore[index]
                while not rollups.advance(conn, tenant).settled:
                    pass
                self._compare(conn, shop, tenant)
                if verify:
                    self.seen["verifications"] += 1
                    verified = rollups.verify(conn, tenant)
                    assert verified.ok, f"verify differs: {verified.differences}"

    def _compare(self, conn: Any, shop: int, tenant: Tenant) -> None:
        rows, found = base(conn, tenant.tenant_id), stored(conn, tenant.tenant_id)
        expected = recount(rows, tenant.zone, tenant.currency)
        wrong = differences(found, expected)
        assert not wrong, f"stored is not what was recounted: {wrong}"
        self._compare_ranges(found["return_gap"], found["repeat_gap"], rows, tenant)
        self._note(shop, found, rows)

    def _compare_ranges(self, gaps: set[Any], repeats: set[Any], rows: Any, tenant: Tenant) -> None:
        """Distinct, new and returning customers of every range of days, and those with two orders in it."""
        bought = distinct_customers(rows, tenant.zone, tenant.currency)
        days = sorted({day for each in bought.values() for day in each})
        for index, first in enumerate(days):
            for last in days[index:]:
                within = [g for g in gaps if first <= g[1] <= last and (g[2] or date.min) < first]
                distinct = sum(g[3] for g in within)
                new = sum(g[3] for g in within if g[2] is None)
                here = [each for each in bought.values() if any(first <= day <= last for day in each)]
                really_new = sum(min(each) >= first for each in here)
                assert (distinct, new) == (len(here), really_new), f"return_gap is wrong from {first} to {last}"
                pairs = [g for g in repeats if first <= g[1] <= last and (g[2] or date.min) < first]
                again = sum(sum(first <= day <= last for day in each) > 1 for each in bought.values())
                assert sum(g[3] for g in pairs) - distinct == again, f"repeat_gap is wrong from {first} to {last}"
                self.seen["ranges compared"] += 1

    def _note(self, shop: int, found: Any, rows: Any) -> None:
        keys = {table: {row[:width] for row in found[table]} for table, width in KEYS.items()}
        before = self.kept[shop]
        self.seen["rows that vanished"] += sum(len(before[table] - keys[table]) for table in before)
        self.kept[shop] = keys
        self.seen["facts compared"] += len(found["order_fact"])
        self.seen["rows compared"] += sum(map(len, found.values()))
        self.seen["chained days"] += sum(row[-1] is not None for row in found["customer_day"])
        self.seen["foreign facts"] += sum(row[9] for row in found["order_fact"])
        self.seen["spread discounts"] += sum(len(row[19]) > 1 and row[12] != 0 for row in found["order_fact"])
        segments, was = {row[:3]: row[6] for row in found["order_fact"]}, self.segments[shop]
        self.seen["facts in another segment"] += sum(was.get(key, name) != name for key, name in segments.items())
        self.segments[shop] = segments
        self.seen["refunds without an order"] += sum(row.order_id is None for row in rows["refunds"])
        known = {(order.platform, order.order_id) for order in rows["orders"]}
        self.seen["refund facts"] += len(found["refund_fact"])
        self.seen["refunds on another day than their order"] += sum(row[4] != row[6] for row in found["refund_fact"])
        self.seen["refunds of an unknown order"] += sum(
            row.order_id is not None and (row.platform, row.order_id) not in known for row in rows["refunds"]
        )
        self.seen["uncounted orders"] += len(rows["orders"]) - len(found["order_fact"])

    def _state(self, shop: int) -> Any:
        with self.database.connect(self.tenants[shop].tenant_id) as conn:
            return progress(conn, self.tenants[shop].tenant_id)

    def _build(self, shop: int, stop: int | None) -> None:
        tenant = self.tenants[shop]
        resumed = bool((state := self._state(shop)) and state.building)
        self.seen["builds resumed"] += resumed
        self.seen["builds beside open transactions"] += any(each.dirty for each in self.writers)
        with self.database.session(tenant.tenant_id) as session:
            steps = rollups.build(session, tenant)
            for number, _ in enumerate(steps):
                if number == stop:
                    self.seen["builds interrupted"] += 1
                    steps.close()
                    return
        self.seen["builds"] += 1


ENOUGH = {
    "checks": 1, "late commits": 0.1, "open transactions at a check": 0.25, "moved orders": 0.25, "chained days": 1,
    "rows that vanished": 1.5, "steps that left more": 0.15, "purged rows": 0.15, "builds resumed": 0.05,
    "builds interrupted": 0.05, "builds beside open transactions": 0.05, "moved refunds": 0.05, "moved expenses": 0.05,
    "refunds of several lines": 0.15, "refunds without an order": 0.05, "refunds of an unknown order": 0.1,
    "refunds on another day than their order": 0.25, "foreign facts": 0.1, "spread discounts": 0.5, "guest orders": 0.1,
    "deleted orders": 0.05, "rollbacks": 0.15, "uncounted orders": 0.25, "changed status": 0.1,
    "changed customer_id": 0.15, "customers in segments": 0.1, "changed segments": 0.1, "deleted customers": 0.05,
    "facts in another segment": 0.5,
    "verifications": 0.1, "late commits at a purge": 0.1,
}  # fmt: skip
"""How often, for each program that Hypothesis wrote, each of these must have happened: a test that runs empty proves
nothing."""
