"""Two shops under random writes: the state machine behind test_rollups_exact and the mutants.

Four writers hold transactions open across each other's and commit late or never, while a refresher advances in small
steps, rebuilds, is interrupted, and purges. At a check, in one snapshot, every derived table must equal the recount.
"""

from collections import Counter
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

from .recount import base, differences, distinct_customers, rate_of, recount, stored
from .work import Work, counted, known, orders, paid, placed, rates, sales_abroad, visits, work

ZONES = [
    (("America/New_York", "USD"), ("Asia/Kolkata", "INR")),
    (("Asia/Kolkata", "INR"), ("America/New_York", "USD")),
    (("America/Havana", "CUP"), ("Australia/Lord_Howe", "AUD")),
]
KEYS = {
    "sales_day": 2, "sales_hour": 3, "product_day": 3, "product_month": 3, "product_total": 2, "product_category": 2,
    "category_day": 3, "category_month": 3, "assortment_month": 2, "rep_day": 3, "segment_day": 3, "expense_day": 3,
    "customer_refund": 2, "return_gap": 3, "return_month": 3, "repeat_gap": 3, "repeat_month": 3, "buyers_day": 2,
    "cohort_month": 3, "customer_day": 3, "customer_fact": 2, "activity_day": 3, "activity_hour": 3, "item_day": 3,
    "signup_day": 2,
}  # fmt: skip
REFUSED = (errors.LockNotAvailable, errors.UniqueViolation, errors.DeadlockDetected, errors.SerializationFailure)
LATE = """
    SELECT count(DISTINCT l.xid) FROM change_log l JOIN publications p USING (tenant_id)
    WHERE tenant_id = current_tenant() AND xid < pg_snapshot_xmax(seen) AND NOT pg_visible_in_snapshot(xid, seen)"""


end = st.sampled_from(["commit", "commit", "commit", "commit", "open", "open", "open", "rollback"])
a_writer = st.integers(0, 3)
a_shop = st.sampled_from([0, 0, 0, 1])
Step = tuple[str, tuple[Any, ...]]
# One choice for all: rules of their own would be switched off at random, and most programs would do next to nothing.
writing = st.tuples(st.just("write"), st.tuples(a_writer, a_shop, st.lists(work, min_size=1, max_size=4), end))
advancing = st.tuples(
    st.just("advance"),
    st.tuples(a_shop, st.sampled_from([1, 2, 1000, 1000]), a_writer, st.booleans(), st.sampled_from([0, 1, 7, 30, -7])),
)
a_step: st.SearchStrategy[Step] = st.integers(0, 19).flatmap(
    lambda die: writing if die < 9
    else st.tuples(st.just("commit"), st.tuples(a_writer)) if die < 11
    else advancing if die < 15
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

    @initialize(
        zones=st.sampled_from(ZONES),
        first=st.lists(known | orders() | orders() | placed | rates() | sales_abroad(), min_size=8, max_size=14),
        also=st.tuples(known, placed, paid, counted, visits),
    )
    def found(self, zones: Any, first: list[Work], also: tuple[Work, ...]) -> None:
        number = next(self.numbers)
        self.tenants = []
        self.kept: list[dict[str, set[Any]]] = [{}, {}]
        self.segments: list[dict[Any, str]] = [{}, {}]
        self.places: list[dict[Any, str]] = [{}, {}]
        self.now = datetime(2025, 3, 9, 20, tzinfo=UTC)
        self.closed: list[set[Any]] = [set(), set()]
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
            self.write(0, shop, [*first, *also], "commit")
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

    def advance(self, shop: int, most: int, meanwhile: int, purged: bool, later: int) -> None:
        """One step, committed, whether it was the last or not, some hours later by the refresher's clock, or earlier.

        Before the log is purged, a writer commits.
        """
        self.now += timedelta(hours=later)
        tenant = self.tenants[shop]
        if self._state(shop).building:
            return
        with self.database.connect(tenant.tenant_id, isolation="repeatable read") as conn:
            done = rollups.advance(conn, tenant, most=most, as_of=self.now)
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
                while not rollups.advance(conn, tenant, as_of=self.now).settled:
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
        self._compare_past(shop, found["stock_history"], tenant)
        self._note(shop, found, rows)
        self._note_converted(found, rows, tenant)

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

    def _compare_past(self, shop: int, history: set[Any], tenant: Tenant) -> None:
        """What was noted of stock on days that are over stays as it was, and nothing is noted ahead of the clock."""
        lost = self.closed[shop] - history
        assert not lost, f"the past of stock has changed: {lost}"
        newest = max((row[2] for row in history), default=date.min)
        self.closed[shop] = {row for row in history if row[2] < newest}
        self.seen["closed days of stock"] += len(self.closed[shop])
        self.seen["products gone from stock"] += sum(row[3:] == (0, 0, 0, None) for row in history)

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
        places, were = {row[:2]: row[2] for row in found["product_category"]}, self.places[shop]
        sold = {row[1:3] for row in found["product_day"]}
        self.seen["sales in another category"] += sum(were.get(one, "") != places.get(one, "") for one in sold)
        self.places[shop] = places
        self.seen["refunds without an order"] += sum(row.order_id is None for row in rows["refunds"])
        known = {(order.platform, order.order_id) for order in rows["orders"]}
        self.seen["refund facts"] += len(found["refund_fact"])
        self.seen["refunds on another day than their order"] += sum(row[4] != row[6] for row in found["refund_fact"])
        self.seen["refunds of an unknown order"] += sum(
            row.order_id is not None and (row.platform, row.order_id) not in known for row in rows["refunds"]
        )
        visitors: Counter[Any] = Counter()
        for day, platform, kind, _, people, _ in found["activity_day"]:
            visitors[day, platform] += -people if kind == "all" else people
        self.seen["visitors who did two things"] += sum(more > 0 for more in visitors.values())
        self.seen["uncounted orders"] += len(rows["orders"]) - len(found["order_fact"])

    def _note_converted(self, found: Any, rows: Any, tenant: Tenant) -> None:
        """Orders and refunds at a rate, and refunds whose own day has another."""
        counted = {row[:3] for row in found["order_fact"] if row[8]}
        orders = {
            (order.platform, order.order_id): order
            for order in sorted(rows["orders"], key=lambda row: row.placed_at, reverse=True)
            if order.currency not in (None, tenant.currency)
            and (order.placed_at, order.platform, order.order_id) in counted
        }
        refunded = [(orders[key], row) for row in rows["refunds"] if (key := (row.platform, row.order_id)) in orders]
        self.seen["converted facts"] += len(orders)
        self.seen["converted refunds"] += len(refunded)
        for order, refund in refunded:
            moments = (order, order._replace(placed_at=refund.refunded_at))
            rates = {rate_of(each, rows["exchange_rates"], tenant.zone, tenant.currency) for each in moments}
            self.seen["refunds at another rate than their day's"] += len(rates) == 2 and refund.amount != 0

    def _state(self, shop: int) -> Any:
        with self.database.connect(self.tenants[shop].tenant_id) as conn:
            return progress(conn, self.tenants[shop].tenant_id)

    def _build(self, shop: int, stop: int | None) -> None:
        tenant = self.tenants[shop]
        resumed = bool((state := self._state(shop)) and state.building)
        self.seen["builds resumed"] += resumed
        self.seen["builds beside open transactions"] += any(each.dirty for each in self.writers)
        with self.database.session(tenant.tenant_id) as session:
            steps = rollups.build(session, tenant, as_of=self.now)
            for number, _ in enumerate(steps):
                if number == stop:
                    self.seen["builds interrupted"] += 1
                    steps.close()
                    return
        self.seen["builds"] += 1


ENOUGH = {
    "checks": 1, "late commits": 0.05, "open transactions at a check": 0.25, "moved orders": 0.05, "chained days": 0.5,
    "rows that vanished": 1.5, "steps that left more": 0.15, "purged rows": 0.15, "builds resumed": 0.05,
    "builds interrupted": 0.05, "builds beside open transactions": 0.05, "moved refunds": 0.03, "moved expenses": 0.05,
    "refunds of several lines": 0.15, "refunds without an order": 0.03, "refunds of an unknown order": 0.1,
    "refunds on another day than their order": 0.25, "foreign facts": 0.03, "converted facts": 0.1,
    "converted refunds": 0.2, "refunds at another rate than their day's": 0.05, "sales abroad": 0.2,
    "rates": 0.1, "moved rates": 0.02, "deleted rates": 0.03, "spread discounts": 0.5,
    "guest orders": 0.1, "deleted orders": 0.05, "rollbacks": 0.15, "uncounted orders": 0.25, "changed status": 0.03,
    "changed customer_id": 0.04, "customers in segments": 0.1, "changed segments": 0.1, "deleted customers": 0.03,
    "facts in another segment": 0.05, "products in categories": 0.2, "sales in another category": 0.1,
    "verifications": 0.1, "late commits at a purge": 0.1, "closed days of stock": 0.1, "products gone from stock": 0.1,
    "moved visits": 0.02, "sign-ups": 0.1, "visitors who did two things": 0.1,
}  # fmt: skip
"""How often, for each program that Hypothesis is to write, each of these must have happened: a test that runs empty
proves nothing. Programs resemble the ones before them, so that now and then a run leaves out what most have often."""
