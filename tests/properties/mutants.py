"""Shows that the random test can fail: each of these mistakes, made in a copy of the package, must be caught.

Run it with `python -m tests.properties.mutants [name …]`; it prints what caught each of them.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "tallymark"
PROGRAMS = 100


@dataclass(frozen=True)
class Mutant:
    """A mistake: `right` becomes `wrong` in one file of the package."""

    name: str
    file: str
    right: str
    wrong: str


LOG = "changes/log.sql"
TRIGGERS = "db/migrations/0003_changes.sql"
APPLY = "rollups/apply.sql"
COUNT = "rollups/contribution.sql"
SUMS = "rollups/definitions.sql"
CATEGORIES = "rollups/categories.sql"
CUSTOMERS = "rollups/customers.sql"
FOLD = "rollups/rollup.py"
DAYS = "rollups/days.sql"
STOCK = "rollups/stock.sql"
ADVANCE = "rollups/advance.py"
BUILD = "rollups/build.py"
NOT_SEEN = (
    "AND xid >= pg_snapshot_xmin(%(seen)s::pg_snapshot)\n"
    "      AND NOT pg_visible_in_snapshot(xid, %(seen)s::pg_snapshot)"
)

RATES = (
    "SELECT log_changes_of('exchange_rates', 'exchange_rates', 'currency', $$day::timestamp AT TIME ZONE 'UTC'$$,"
    " 'NULL::text');"
)

MUTANTS = [
    Mutant("transactions in flight are dropped", LOG, NOT_SEEN, "AND xid >= pg_snapshot_xmax(%(seen)s::pg_snapshot)"),
    Mutant("a large change is said to end later than it did", ADVANCE,
           "seen = state.target or seen_now", "seen = seen_now"),
    Mutant("the log's cursor is one too far", ADVANCE,
           '"cursor": changes.last_seq}', '"cursor": changes.last_seq + 1}'),
    Mutant("the seen snapshot is newer than what was applied", LOG,
           "SET seen = %(seen)s::pg_snapshot, target = NULL", "SET seen = pg_current_snapshot(), target = NULL"),
    Mutant("a step is taken for the last one", ADVANCE, "if changes.keys_logged >= most:", "if False:"),
    Mutant("the purge takes what is not yet applied", LOG,
           " AND pg_visible_in_snapshot(l.xid, p.seen)", ""),
    Mutant("the purge does not wait for the steps of a large change", LOG,
           "AND p.target IS NULL AND p.building IS NULL\n"
           "  AND l.xid < pg_snapshot_xmax(p.seen) AND pg_visible_in_snapshot(l.xid, p.seen)",
           "AND pg_visible_in_snapshot(l.xid, coalesce(p.target, p.seen))"),
    Mutant("an update does not log the old key", TRIGGERS, "ARRAY['new_rows', 'old_rows']", "ARRAY['new_rows']"),
    Mutant("deletes are not logged", TRIGGERS,
           "('delete', 'OLD TABLE AS old_rows', ARRAY['old_rows']),", ""),
    Mutant("changed lines are not logged", TRIGGERS,
           "SELECT log_changes_of('order_items', 'orders', 'order_id', 'placed_at');", ""),
    Mutant("an order's refunds are not taken along", APPLY,
           "WHERE r.tenant_id = %(tenant)s AND r.platform = k.platform AND r.order_id = k.order_id OFFSET 0) r",
           "WHERE false OFFSET 0) r"),
    Mutant("what an order contributed before is not subtracted", APPLY,
           "{order_taken_back} FROM order_pair WHERE old_order_id IS NOT NULL",
           "{order_taken_back} FROM order_pair WHERE false"),
    Mutant("what a line contributed before is not subtracted", APPLY,
           "WHERE old_line_product IS NOT NULL AND", "WHERE false AND"),
    Mutant("what an order contributed before stays in the sum", "rollups/apply.py",
           '"new_{0} - old_{0} AS {0}"', '"new_{0} AS {0}"'),
    Mutant("what a line contributed before stays in the sum", "rollups/apply.py",
           '"new.{0} - old.{0} AS {0}"', '"new.{0} AS {0}"'),
    Mutant("an order of another customer stays where it was counted", "rollups/apply.py",
           'new_traits=_each("new_{0}", ORDER_TRAITS),\n        old_traits=_each("old_{0}", ORDER_TRAITS)',
           'new_traits=_each("new_{0}", ORDER_TRAITS[:2]),\n        old_traits=_each("old_{0}", ORDER_TRAITS[:2])'),
    Mutant("a line of another product stays where it was counted", APPLY,
           "WHERE new_day = old_day AND new_line_product = old_line_product",
           "WHERE new_day = old_day AND old_line_product IS NOT NULL"),
    Mutant("a line of the same product is the same line", APPLY,
           "WHERE (new_day, {new_lines}) IS DISTINCT FROM (old_day, {old_lines})",
           "WHERE new_line_product IS DISTINCT FROM old_line_product"),
    Mutant("what a refund took back before is not subtracted", APPLY,
           "SELECT -1, d.* FROM refund_dropped d)", "SELECT -1, d.* FROM refund_dropped d WHERE false)"),
    Mutant("the fact of an order that is gone stays", APPLY,
           "DELETE FROM order_fact f\n    USING", "DELETE FROM order_fact f\n    USING (SELECT 1 WHERE false) none,"),
    Mutant("rows that came to zero stay", "rollups/apply.py", "in (emptied or {}).items()", "in ()"),
    Mutant("a row counts as zero when its first measure is", FOLD,
           'emptied=_each(self.measures, "t.{0} = 0", " AND ")',
           'emptied=_each(self.measures[:1], "t.{0} = 0", " AND ")'),
    Mutant("a customer's days are not linked anew", CUSTOMERS,
           "coalesce(lag(day) OVER (PARTITION BY platform, customer_id ORDER BY day), '-infinity'::date) AS prev_day\n"
           "FROM (",
           "coalesce((SELECT b.prev_day FROM customer_before b WHERE b.platform = days.platform AND b.customer_id ="
           " days.customer_id AND b.day = days.day), lag(day) OVER (PARTITION BY platform, customer_id ORDER BY day),"
           " '-infinity'::date) AS prev_day\nFROM ("),
    Mutant("the pairs of days before the change stay", SUMS,
           "SELECT platform, day, prev_day, -1 FROM customer_before",
           "SELECT platform, day, prev_day, -1 FROM customer_before WHERE false"),
    Mutant("a customer stays in the first cohort", SUMS,
           "date_trunc('month', day)::date AS month FROM customer_before) b",
           "date_trunc('month', day)::date AS month FROM customer_before WHERE false) b"),
    Mutant("a product that sells again in a month is one more", SUMS,
           " - (now.lines - moved.lines > 0)::integer AS products", " AS products"),
    Mutant("a product sold no more in a month stays", SUMS,
           "(now.lines > 0)::integer - (now.lines - moved.lines > 0)::integer",
           "greatest((now.lines > 0)::integer - (now.lines - moved.lines > 0)::integer, 0)"),
    Mutant("a product that is only returned is sold", SUMS,
           "(now.lines > 0)::integer - (now.lines - moved.lines > 0)::integer",
           "(now.lines > 0 OR now.returned_units <> 0)::integer - (now.lines - moved.lines > 0)::integer"),
    Mutant("what names no product is one", SUMS, "WHERE product_id <> ''", "WHERE true"),
    Mutant("a line given away with money is not negative", SUMS, " OR gross < discount OR", " OR"),
    Mutant("a line taken back is not negative", SUMS, "WHEN quantity < 0 OR", "WHEN"),
    Mutant("a refund below zero is not negative", SUMS, "CASE WHEN amount < 0 THEN sgn ELSE 0 END", "0"),
    Mutant("products stay in the category they were counted in", ADVANCE,
           "apply_categories(conn, tenant, changes.products)", "pass"),
    Mutant("a product that stands in no category any more stays in its last one", CATEGORIES,
           "AND m.category_now = ''", "AND false"),
    Mutant("the category before keeps the days", CATEGORIES, "(-1, s.category_before), ", ""),
    Mutant("what stands in no category is one of its own", CATEGORIES,
           "coalesce(c.category_id, '') AS category_id,", "coalesce(c.category_id, s.product_id) AS category_id,"),
    Mutant("customers are put into the month they came back in", SUMS,
           "date_trunc('month', prev_day)::date AS prev_month", "date_trunc('month', day)::date AS prev_month"),
    Mutant("customers of two platforms are one", CUSTOMERS,
           "PARTITION BY platform, customer_id ORDER BY day", "PARTITION BY customer_id ORDER BY day"),
    Mutant("a customer who buys no more keeps the fact", CUSTOMERS,
           "DELETE FROM customer_fact f USING", "DELETE FROM customer_fact f USING (SELECT 1 WHERE false) none,"),
    Mutant("what changed of a day that stays is not added to it", CUSTOMERS,
           "d SET gross = d.gross + s.gross", "d SET gross = d.gross"),
    Mutant("what changed of a day that stays is not added to its customer", CUSTOMERS,
           "f SET gross = f.gross + s.gross", "f SET gross = f.gross"),
    Mutant("what changed of a day that stays is not its buyers'", SUMS,
           "0, 0, 0, 0, 0, gross, discounts FROM customer_same", "0, 0, 0, 0, 0, 0, discounts FROM customer_same"),
    Mutant("a day given up is one that stays", CUSTOMERS,
           "FROM customer_change WHERE orders <> 0", "FROM customer_change WHERE orders > 0"),
    Mutant("a customer's other segment is not told of", TRIGGERS,
           "SELECT log_changes_of('orders', 'orders',",
           "DROP TRIGGER log_segments_update ON customers;\nSELECT log_changes_of('orders', 'orders',"),
    Mutant("orders stay in the segment they were counted in", APPLY,
           "WHERE f.tenant_id = %(tenant)s AND f.platform = k.platform AND f.customer_id = k.customer_id"
           " AND f.segment <> k.segment OFFSET 0) f),\norder_old", "WHERE false OFFSET 0) f),\norder_old"),
    Mutant("an order counted anew stays in the segment it was counted in", COUNT,
           " AND %(customer_id)s::text[] = '{{}}' THEN k.segment", " THEN k.segment"),
    Mutant("refunds of a customer stay in the segment they were counted in", APPLY,
           "WHERE f.tenant_id = %(tenant)s AND f.platform = k.platform AND f.customer_id = k.customer_id"
           " AND f.segment <> k.segment OFFSET 0) f),\nrefund_new", "WHERE false OFFSET 0) f),\nrefund_new"),
    Mutant("a refund is in the segment of its order's customer", COUNT,
           "ARRAY[r.platform, coalesce(r.customer_id, o.customer_id)]", "ARRAY[r.platform, o.customer_id]"),
    Mutant("two orders of one day are one", SUMS,
           "WHEN nth = 2 OR last_orders > 1 THEN prev_day", "WHEN nth = 2 THEN prev_day"),
    Mutant("who buys twice on one day bought once", SUMS, "(orders_ever = 1)::integer AS once",
           "(count(*) OVER (PARTITION BY platform, customer_id, sgn) = 1)::integer AS once"),
    Mutant("days by a fixed offset", COUNT,
           "(c.placed_at AT TIME ZONE %(timezone)s)::date AS day",
           "(c.placed_at AT TIME ZONE 'UTC' + (timestamptz '2025-01-01 00:00Z' AT TIME ZONE %(timezone)s"
           " - timestamp '2025-01-01'))::date AS day"),
    Mutant("a refund's order day is its own", COUNT,
           "(coalesce(o.placed_at, r.refunded_at) AT TIME ZONE %(timezone)s)::date AS order_day",
           "(r.refunded_at AT TIME ZONE %(timezone)s)::date AS order_day"),
    Mutant("the remainder of an order's discount is lost", COUNT,
           "+ round(c.discount * part.running / part.net, part.digits)\n"
           "                        - round(c.discount * (part.running - part.line_net) / part.net, part.digits)",
           "+ round(c.discount * part.line_net / part.net, part.digits)"),
    Mutant("cents of a discount are rounded away", COUNT, "greatest(scale(c.discount), 2) AS digits", "2 AS digits"),
    Mutant("a discount with nothing to spread it over is lost", COUNT,
           "WHEN 'own line' THEN c.line_discount || c.discount", "WHEN 'own line' THEN c.line_discount || 0.0"),
    Mutant("another currency is summed", COUNT,
           "CASE WHEN coalesce(o.currency, %(currency)s) = %(currency)s THEN 1", "CASE WHEN true THEN 1"),
    Mutant("a rate does not hold on its first day", COUNT, "AND e.day <= (o.placed_at", "AND e.day < (o.placed_at"),
    Mutant("the oldest rate holds for ever", COUNT, "ORDER BY e.day DESC LIMIT 1", "ORDER BY e.day LIMIT 1"),
    Mutant("the lines of an order are not converted", COUNT,
           "ELSE ARRAY(SELECT x * c.rate FROM unnest(s.line_gross) x) END", "ELSE s.line_gross END"),
    Mutant("a refund is at the rate of its own day", COUNT, "r.amount * coalesce(o.rate, 1) AS amount",
           "r.amount * coalesce(CASE WHEN o.rate <> 1 THEN (SELECT e.rate FROM exchange_rates e"
           " WHERE e.tenant_id = %(tenant)s AND e.currency = o.currency"
           " AND e.day <= (r.refunded_at AT TIME ZONE %(timezone)s)::date ORDER BY e.day DESC LIMIT 1) END, o.rate, 1)"
           " AS amount"),
    Mutant("deleted rates are not logged", TRIGGERS, RATES, f"{RATES}\nDROP TRIGGER log_delete ON exchange_rates;"),
    Mutant("the day that a rate left is not logged", TRIGGERS, RATES,
           f"{RATES}\nDROP TRIGGER log_update ON exchange_rates;\n"
           "CREATE TRIGGER log_update AFTER UPDATE ON exchange_rates REFERENCING NEW TABLE AS new_rows"
           " FOR EACH STATEMENT EXECUTE FUNCTION log_exchange_rates_insert();"),
    Mutant("the orders of a rate are looked for two days late", APPLY,
           "tstzrange((k.day - 1)::timestamp", "tstzrange((k.day + 1)::timestamp"),
    Mutant("a rate holds for a day", APPLY, "(min(e.day) + 1)::timestamp", "(least(min(e.day), k.day) + 2)::timestamp"),
    Mutant("the orders of a changed rate are not counted anew", ADVANCE,
           "in _orders_under(conn, tenant, changes.rates)", "in ()"),
    Mutant("test orders are counted", COUNT, "AND o.status <> 'cancelled' AND NOT o.test\n    OFFSET 0) o",
           "AND o.status <> 'cancelled'\n    OFFSET 0) o"),
    Mutant("pending orders are left out", COUNT, "AND o.status <> 'cancelled' AND NOT o.test\n    OFFSET 0) o",
           "AND o.status = 'completed' AND NOT o.test\n    OFFSET 0) o"),
    Mutant("refunds of cancelled orders count", COUNT,
           "OR (o.status <> 'cancelled' AND NOT o.test AND", "OR (NOT o.test AND"),
    Mutant("the given tax is not preferred", COUNT, "coalesce(o.tax, o.line_tax, 0)", "coalesce(o.line_tax, o.tax, 0)"),
    Mutant("a refunded line's product is not looked up", COUNT,
           "coalesce(r.product_id, i.product_id, '')", "coalesce(r.product_id, '')"),
    Mutant("a day is looked for from its date's own midnight", DAYS,
           "least(d.day::timestamp AT TIME ZONE %(timezone)s, (d.day::timestamp - interval '2 hours')"
           " AT TIME ZONE %(timezone)s)", "d.day::timestamp AT TIME ZONE %(timezone)s"),
    Mutant("what left a day stays", DAYS,
           "SELECT {keys} FROM {name}_old EXCEPT SELECT {keys} FROM {name}_new",
           "SELECT {keys} FROM {name}_old WHERE false"),
    Mutant("visitors of all kinds are added up", DAYS,
           "count(DISTINCT visitor_id) AS visitors, count(DISTINCT user_id) AS users",
           "count(DISTINCT (kind, visitor_id)) FILTER (WHERE visitor_id IS NOT NULL) AS visitors,"
           " count(DISTINCT user_id) AS users"),
    Mutant("the day a visit left is not redone", TRIGGERS,
           "occurred_at, '2000-01-01Z')$$);",
           "occurred_at, '2000-01-01Z')$$);\n"
           "DROP TRIGGER log_update ON activity;\n"
           "CREATE TRIGGER log_update AFTER UPDATE ON activity REFERENCING NEW TABLE AS new_rows"
           " FOR EACH STATEMENT EXECUTE FUNCTION log_activity_insert();"),
    Mutant("instants are logged by the hour", TRIGGERS,
           "date_bin('15 minutes', occurred_at", "date_bin('1 hour', occurred_at"),
    Mutant("a product that lies nowhere any more keeps its level", STOCK,
           "SELECT platform, product_id, 0, 0, 0, false FROM level_old",
           "SELECT platform, product_id, 0, 0, 0, false FROM level_old WHERE false"),
    Mutant("a changed cost is no change of stock", "changes/log.py",
           'case "inventory_levels" | "products":', 'case "inventory_levels":'),
    Mutant("the day before is not carried on", STOCK,
           "WHERE d.tenant_id = %(tenant)s AND d.platform = m.platform ORDER BY",
           "WHERE d.tenant_id = %(tenant)s AND d.platform = m.platform AND d.day = at.day ORDER BY"),
    Mutant("stock is noted on earlier days when a clock goes back", STOCK,
           "SELECT greatest((%(as_of)s AT TIME ZONE %(timezone)s)::date, max(day)) AS day",
           "SELECT (%(as_of)s AT TIME ZONE %(timezone)s)::date AS day"),
    Mutant("a build starts from a later snapshot than its first step", LOG,
           "UPDATE publications SET building = %(building)s",
           "UPDATE publications SET seen = pg_current_snapshot(), building = %(building)s"),
    Mutant("an interrupted build forgets which steps are done", BUILD,
           "stand = Stand.read(state.building, as_of)",
           "stand = replace(Stand.read(state.building, as_of), done=frozenset())"),
]  # fmt: skip
QUICK = ("transactions in flight are dropped", "rows that came to zero stay", "a customer's days are not linked anew")

RUN = """
import sys
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from tallymark.db import Database
from tests.properties.shop import Shops
with Database(sys.argv[1]) as database:
    Shops.open(database)
    run_state_machine_as_test(Shops, settings=settings(
        max_examples=int(sys.argv[2]), stateful_step_count=60, deadline=None, derandomize=True, database=None,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck)))
"""


def caught_by(mutant: Mutant | None, conninfo: str, programs: int = PROGRAMS) -> str | None:
    """What the random test says of the mutant (None: of the package as it is) in an empty database; None if nothing."""
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "tallymark"
        shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
        if mutant is not None:
            _change(package / mutant.file, mutant)
        environment = {"PYTHONPATH": f"{folder}:{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}
        migrate = "import sys, psycopg; from tallymark.db import migrations;"
        migrate += "migrations.apply(psycopg.connect(sys.argv[1], autocommit=True))"
        subprocess.run([sys.executable, "-c", migrate, conninfo], env=environment, check=True, cwd=folder)
        ran = subprocess.run(
            [sys.executable, "-c", RUN, conninfo, str(programs)],
            env=environment, capture_output=True, text=True, cwd=folder,
        )  # fmt: skip
    if re.search(r"^(ImportError|ModuleNotFoundError|SyntaxError)", ran.stderr, re.MULTILINE):
        raise RuntimeError(f"the package does not run: {ran.stderr[-500:]}")
    return None if ran.returncode == 0 else _verdict(ran.stderr)


def _change(path: Path, mutant: Mutant) -> None:
    text = path.read_text()
    if mutant.right not in text:
        raise LookupError(f"{mutant.name}: {mutant.file} no longer says {mutant.right!r}")
    path.write_text(text.replace(mutant.right, mutant.wrong))


def _verdict(said: str) -> str:
    """Which check failed, and on which tables."""
    if tables := re.findall(r"'(\w+)': \{'stored'", said):
        return "recount: " + ", ".join(tables)
    for check in ("return_gap is wrong", "verify differs"):
        if check in said:
            return check
    errors = re.findall(r"^(?:\w+\.)*(\w+): (.*)$", said, re.MULTILINE)
    return ": ".join(errors[-1]) if errors else said[-200:]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="only the mutants whose name contains one of these")
    chosen = parser.parse_args().names
    from tallymark.db import embedded

    home = Path(tempfile.mkdtemp(prefix="tallymark-mutants-"))
    server = embedded.ensure(home, options={"fsync": "off", "synchronous_commit": "off", "max_connections": "50"})
    lived = 0
    try:
        for number, mutant in enumerate(m for m in MUTANTS if not chosen or any(name in m.name for name in chosen)):
            began = time.monotonic()
            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE mutant_{number}")
            caught = caught_by(mutant, make_conninfo(server, dbname=f"mutant_{number}"))
            lived += caught is None
            print(f"| {mutant.name} | {caught or '**lives**'} | {time.monotonic() - began:.0f} s |", flush=True)
    finally:
        if embedded.leave(home):
            shutil.rmtree(home)
    return lived


if __name__ == "__main__":
    sys.exit(main())
