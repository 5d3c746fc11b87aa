"""Exchange rates: how they come in, which orders they are counted anew for, and what those come to."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from threading import Thread

import duckdb
import pytest
from psycopg.errors import CheckViolation
from tests.properties.world import assert_exact, open_shop

from tallymark import rollups
from tallymark.connectors.files import import_files
from tallymark.db import Database
from tallymark.errors import BadQuestion, ImportRefused, NotFound
from tallymark.ingest import Batch, Counts, Loaded, Table, load
from tallymark.ingest.rates import ExchangeRate, exchange_rates, remove_rate, set_rate
from tallymark.model import Tenant

ORDER = """
    INSERT INTO orders (tenant_id, placed_at, platform, order_id, currency, discount, shipping, total_amount)
    VALUES (current_tenant(), %(at)s, %(platform)s, %(id)s, %(currency)s, 1, 4, 33.333)"""
LINES = """
    INSERT INTO order_items (tenant_id, placed_at, platform, order_id, line_id, product_id, quantity, unit_price,
                             unit_cost)
    SELECT current_tenant(), %(at)s, %(platform)s, %(id)s, line, 'p' || line, 1, 10, 2.5
    FROM generate_series(1, 3) line"""
REFUND = """
    INSERT INTO refunds (tenant_id, platform, refund_id, order_id, refunded_at, amount)
    VALUES (current_tenant(), 'shopify', 'r-' || %(id)s, %(id)s, '2025-06-20Z', 29)"""


@pytest.fixture
def tenant(database: Database) -> Tenant:
    """A shop in Tokyo: its days begin at 15:00 by UTC."""
    tenant = open_shop(database, timezone="Asia/Tokyo", currency="JPY")
    with database.session(tenant.tenant_id) as session:
        for _ in rollups.build(session, tenant):
            pass
    return tenant


def place(
    database: Database, tenant: Tenant, name: str, at: str, currency: str | None, platform: str = "shopify"
) -> None:
    with database.connect(tenant.tenant_id) as conn:
        for statement in (ORDER, LINES, REFUND):
            conn.execute(statement, {"at": at, "id": name, "currency": currency, "platform": platform})


def put(database: Database, tenant: Tenant, *rates: tuple[str, str, str]) -> None:
    with database.connect(tenant.tenant_id) as conn:
        for currency, day, rate in rates:
            set_rate(conn, tenant, ExchangeRate(currency, date.fromisoformat(day), Decimal(rate)))


def advanced(database: Database, tenant: Tenant) -> rollups.Advance:
    with database.connect(tenant.tenant_id, isolation="repeatable read") as conn:
        done = rollups.advance(conn, tenant)
    assert_exact(database, tenant)
    return done


def totals(database: Database, tenant: Tenant) -> dict[str, Decimal | None]:
    """What each order adds to total sales; None for one that is left out."""
    with database.connect(tenant.tenant_id) as conn:
        found = conn.execute("SELECT order_id, CASE WHEN orders = 1 THEN total END FROM order_fact").fetchall()
    return dict(found)


def test_an_order_is_worth_what_its_local_day_says(database: Database, tenant: Tenant) -> None:
    put(database, tenant, ("USD", "2025-06-02", "150"), ("USD", "2025-06-03", "151.125"), ("EUR", "2025-01-01", "160"))
    place(database, tenant, "before", "2025-06-01 14:59:59Z", "USD")
    place(database, tenant, "first", "2025-06-01 15:00Z", "USD")
    place(database, tenant, "last", "2025-06-02 14:59:59Z", "USD")
    place(database, tenant, "next", "2025-06-02 15:00Z", "USD")
    place(database, tenant, "late", "2025-12-30Z", "USD")
    place(database, tenant, "own", "2025-06-02Z", "JPY")
    place(database, tenant, "unsaid", "2025-06-02Z", None)
    advanced(database, tenant)
    assert totals(database, tenant) == {
        "before": None,
        "first": Decimal("4999.95"),
        "last": Decimal("4999.95"),
        "next": Decimal("5037.449625"),
        "late": Decimal("5037.449625"),
        "own": Decimal("33.333"),
        "unsaid": Decimal("33.333"),
    }


@pytest.mark.parametrize("timezone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_a_changed_rate_finds_the_first_and_the_last_order_of_its_days(database: Database, timezone: str) -> None:
    """Where the day begins 14 hours before UTC's, and where it ends 11 hours after."""
    tenant = open_shop(database, timezone=timezone, currency="JPY")
    with database.session(tenant.tenant_id) as session:
        for _ in rollups.build(session, tenant):
            pass
    put(database, tenant, ("USD", "2025-06-02", "150"), ("USD", "2025-06-04", "151"))
    for name, at in (("first", "2025-06-02 00:00"), ("last", "2025-06-03 23:59:59")):
        place(database, tenant, name, datetime.fromisoformat(at).replace(tzinfo=tenant.zone).isoformat(), "USD")
    advanced(database, tenant)
    put(database, tenant, ("USD", "2025-06-02", "149"))
    assert advanced(database, tenant).applied.orders == 2
    assert set(totals(database, tenant).values()) == {Decimal("4966.617")}


def test_every_amount_is_converted_and_a_full_refund_takes_back_the_sale(database: Database, tenant: Tenant) -> None:
    put(database, tenant, ("USD", "2025-06-01", "1.5"), ("USD", "2025-06-19", "1000"))
    place(database, tenant, "o", "2025-06-10Z", "USD")
    advanced(database, tenant)
    with database.connect(tenant.tenant_id) as conn:
        measures = "orders, units, gross, discounts, shipping, tax, total, cost, costed_net"
        day = conn.execute(f"SELECT {measures} FROM sales_day WHERE orders > 0").fetchall()
        products = conn.execute(
            "SELECT gross, discounts, cost, costed_net FROM product_total WHERE lines > 0"
        ).fetchall()
        [net] = conn.execute("SELECT sum(gross - discounts - returns) FROM product_total").fetchone() or ()
    assert day == [(1, 3, 45, Decimal("1.5"), 6, 0, Decimal("49.9995"), Decimal("11.25"), Decimal("43.5"))]
    assert [sum(measure) for measure in zip(*products, strict=True)] == [
        45,
        Decimal("1.5"),
        Decimal("11.25"),
        Decimal("43.5"),
    ]
    assert net == 0


def test_a_refund_without_an_order_is_in_the_shops_own_currency(database: Database, tenant: Tenant) -> None:
    put(database, tenant, ("USD", "2025-01-01", "150"))
    with database.connect(tenant.tenant_id) as conn:
        conn.execute(REFUND, {"id": "nobody knows"})
    advanced(database, tenant)
    with database.connect(tenant.tenant_id) as conn:
        assert conn.execute("SELECT amount FROM refund_fact").fetchall() == [(29,)]


@pytest.fixture
def year(database: Database, tenant: Tenant) -> Tenant:
    """An order of dollars and one of euros in each month, rates from March and from June."""
    put(database, tenant, ("USD", "2025-03-01", "150"), ("EUR", "2025-03-01", "160"), ("USD", "2025-06-01", "151"))
    for month in range(1, 13):
        place(database, tenant, f"usd{month}", f"2025-{month:02}-10Z", "USD")
        place(database, tenant, f"eur{month}", f"2025-{month:02}-10Z", "EUR", "amazon")
    advanced(database, tenant)
    return tenant


def months(*numbers: int) -> set[str]:
    return {f"usd{number}" for number in numbers}


@pytest.mark.parametrize(
    ("change", "counted"),
    [
        (("USD", "2025-04-01", "150.5"), months(4, 5)),  # between two: until the next
        (("USD", "2025-06-01", "152"), months(6, 7, 8, 9, 10, 11, 12)),
        (("USD", "2025-03-01", "149"), months(3, 4, 5)),
        (("USD", "2025-02-01", "148"), months(2)),  # the first one goes further back
        (("USD", "2026-01-15", "160"), set()),
        (("USD", "2025-06-01", "151.00"), set()),  # the same as before
        (("INR", "2025-01-01", "1.7"), set()),
    ],
)
def test_only_the_orders_that_a_rate_holds_for_are_counted_anew(
    database: Database, year: Tenant, change: tuple[str, str, str], counted: set[str]
) -> None:
    before = totals(database, year)
    put(database, year, change)
    done = advanced(database, year)
    after = totals(database, year)
    assert {name for name in after if after[name] != before[name]} == counted
    assert (done.changes, done.applied.orders) == (len(counted), len(counted))
    assert done.platforms == ({"shopify"} if counted else set())
    assert ("orders" in done.sources) == bool(counted)


def test_a_removed_rate_gives_way_to_the_one_before_or_to_none(database: Database, year: Tenant) -> None:
    with database.connect(year.tenant_id) as conn:
        remove_rate(conn, year, "USD", date(2025, 6, 1))
        with pytest.raises(NotFound):
            remove_rate(conn, year, "USD", date(2025, 6, 1))
    assert advanced(database, year).applied.orders == 7
    assert totals(database, year)["usd12"] == Decimal("4999.95")
    with database.connect(year.tenant_id) as conn:
        conn.execute("DELETE FROM exchange_rates")
    assert advanced(database, year).applied.orders == 20
    assert set(totals(database, year).values()) == {None}


def test_an_order_that_commits_around_a_change_of_rates_is_counted_right(database: Database, year: Tenant) -> None:
    """It is not seen by whoever changes the rate, and is counted before that change can be seen."""
    with database.session(year.tenant_id) as changing, database.session(year.tenant_id) as selling:
        with selling.transaction() as conn:
            conn.execute(ORDER, {"at": "2025-07-01Z", "id": "late", "currency": "USD", "platform": "shopify"})
            with changing.transaction() as other:
                set_rate(other, year, ExchangeRate("USD", date(2025, 6, 15), Decimal(155)))
                conn.execute("COMMIT")
                with database.connect(year.tenant_id, isolation="repeatable read") as reader:
                    assert rollups.advance(reader, year).changes == 1
    assert totals(database, year)["late"] == Decimal("5033.283")
    advanced(database, year)
    assert totals(database, year)["late"] == Decimal("5166.615")


def test_many_rates_are_one_row_of_the_log_for_a_thousand(database: Database, year: Tenant) -> None:
    with database.connect(year.tenant_id) as conn:
        conn.execute(
            "INSERT INTO exchange_rates SELECT current_tenant(), 'USD', day, 100 + extract(doy FROM day) / 7"
            " FROM generate_series('2018-01-01'::date, '2025-12-31', '1 day') day"
            " ON CONFLICT (tenant_id, currency, day) DO UPDATE SET rate = EXCLUDED.rate"
        )
        found = conn.execute(
            "SELECT platform, cardinality(ids) FROM change_log WHERE xid = pg_current_xact_id() ORDER BY 2"
        ).fetchall()
    assert sum(keys for _, keys in found) == 2922
    assert {platform for platform, _ in found} == {None}
    assert max(keys for _, keys in found) <= 1000
    assert advanced(database, year).applied.orders == 12


@pytest.mark.parametrize(
    ("rate", "about"),
    [
        (ExchangeRate("JPY", date(2025, 1, 1), Decimal(1)), "own currency"),
        (ExchangeRate("usd", date(2025, 1, 1), Decimal(1)), "Did you mean USD"),
        (ExchangeRate("USD", date(1969, 12, 31), Decimal(1)), "1970 to 2199"),
        (ExchangeRate("USD", date(2025, 1, 1), Decimal(0)), "above 0"),
        (ExchangeRate("USD", date(2025, 1, 1), Decimal(-1)), "above 0"),
        (ExchangeRate("USD", date(2025, 1, 1), Decimal("NaN")), "above 0"),
        (ExchangeRate("USD", date(2025, 1, 1), Decimal("Infinity")), "above 0"),
        (ExchangeRate("USD", date(2025, 1, 1), Decimal("1e99")), "30 digits"),
    ],
)
def test_what_is_no_rate_is_refused(database: Database, tenant: Tenant, rate: ExchangeRate, about: str) -> None:
    with database.connect(tenant.tenant_id) as conn, pytest.raises(BadQuestion, match=about):
        set_rate(conn, tenant, rate)


@pytest.mark.parametrize("values", ["'USD', '2025-01-01', 0", "'USD', '2025-01-01', 'NaN'", "'usd', '2025-01-01', 1"])
def test_the_table_refuses_it_whoever_writes(database: Database, tenant: Tenant, values: str) -> None:
    with database.connect(tenant.tenant_id) as conn, pytest.raises(CheckViolation):
        conn.execute(f"INSERT INTO exchange_rates SELECT current_tenant(), {values}")


# --- imports


def rates_table(*rows: str) -> Table:
    text = "".join(f"{line},{row}\n" for line, row in enumerate(rows, start=2))
    return Table("exchange_rates", "exchange_rates.csv", ("currency", "day", "rate"), [text.encode()])


def test_rates_are_of_all_platforms(database: Database, tenant: Tenant) -> None:
    with database.connect(tenant.tenant_id) as conn:
        first = load(conn, Batch("shopify", [rates_table("USD,2025-01-01,150", "EUR,2025-01-01,160.5")]))
        again = load(
            conn, Batch("amazon", [rates_table("USD,2025-01-01,150.000", "EUR,2025-01-01,161", "INR,2025-01-01,2")])
        )
        assert first == Loaded({"exchange_rates": Counts(2, 0, 0)})
        assert again == Loaded({"exchange_rates": Counts(1, 1, 1)})
        assert [str(rate.rate) for rate in exchange_rates(conn, tenant)] == ["161", "2", "150"]
        assert [rate.currency for rate in exchange_rates(conn, tenant, "EUR")] == ["EUR"]
        assert [rate.currency for rate in exchange_rates(conn, tenant, limit=2)] == ["EUR", "INR"]


def test_bad_rates_are_told_of(database: Database, tenant: Tenant) -> None:
    bad = {
        "currency": ("JPY,2025-01-01,1", "usd,2025-01-01,1"),
        "day": ("USD,2025-02-29,1", "USD,01/02/2025,1", "USD,2025-01-01T10:00,1", "USD,1969-12-31,1"),
        "rate": ("USD,2025-01-01,0", "USD,2025-01-01,-1", "USD,2025-01-01,NaN", "USD,2025-01-01,"),
    }
    given = [row for rows in bad.values() for row in rows]
    with database.connect(tenant.tenant_id) as conn, pytest.raises(ImportRefused) as caught:
        load(conn, Batch("files", [rates_table("EUR,2025-01-01,160", *given)]))
    wrong = [column for column, rows in bad.items() for _ in rows]
    assert [(problem.line, problem.column) for problem in caught.value.problems] == list(enumerate(wrong, start=3))
    assert caught.value.problems[0].reason == "'JPY' is not the code of another currency than the shop's own"
    with database.connect(tenant.tenant_id) as conn:
        assert exchange_rates(conn, tenant) == []


def test_two_platforms_that_bring_the_same_rates_wait_for_each_other(database: Database, tenant: Tenant) -> None:
    with database.connect(tenant.tenant_id) as conn:
        load(conn, Batch("shopify", [rates_table("USD,2025-01-01,150")]))
        found: list[Loaded] = []

        def other() -> None:
            with database.connect(tenant.tenant_id) as beside:
                found.append(load(beside, Batch("amazon", [rates_table("USD,2025-01-01,151")])))

        waiting = Thread(target=other)
        waiting.start()
        waiting.join(0.5)
        assert waiting.is_alive()
    waiting.join(30)
    assert found == [Loaded({"exchange_rates": Counts(0, 1, 0)})]


@pytest.fixture
def files(tmp_path: Path) -> dict[str, tuple[Path, Path | None]]:
    """The same rates as CSV, as Parquet with typed days or midnights, and in another shape with a mapping."""
    (tmp_path / "exchange_rates.csv").write_text("day,currency,rate\n2025-03-01,USD,149.50\n2025-03-02,USD,0.1e3\n")
    select = "SELECT DATE '2025-03-01' + n AS day, 'USD' AS currency, [149.50, 100][n + 1] AS rate FROM range(2) t (n)"
    duckdb.sql(select.replace("+ n AS", "+ n::INTEGER AS")).write_parquet(str(tmp_path / "exchange_rates.parquet"))
    stamps = select.replace("+ n AS", "+ to_days(n::INTEGER) AS")
    (tmp_path / "stamps").mkdir()
    duckdb.sql(stamps).write_parquet(str(tmp_path / "stamps" / "exchange_rates.parquet"))
    (tmp_path / "bank.csv").write_text("Date,USD,GBP\n2025-03-01,149.50,\n2025-03-02,100,\n")
    (tmp_path / "bank.sql").write_text(
        '-- exchange_rates --\nSELECT currency, "Date" AS day, rate FROM (UNPIVOT bank ON USD, GBP'
        " INTO NAME currency VALUE rate) WHERE rate <> ''\n"
    )
    return {
        "csv": (tmp_path / "exchange_rates.csv", None),
        "parquet": (tmp_path / "exchange_rates.parquet", None),
        "midnights": (tmp_path / "stamps" / "exchange_rates.parquet", None),
        "mapping": (tmp_path / "bank.csv", tmp_path / "bank.sql"),
    }


@pytest.mark.parametrize("shape", ["csv", "parquet", "midnights", "mapping"])
def test_files_of_rates(
    database: Database, tenant: Tenant, files: dict[str, tuple[Path, Path | None]], shape: str
) -> None:
    path, mapping = files[shape]
    assert import_files(database, tenant, [path], mapping=mapping) == Loaded({"exchange_rates": Counts(2, 0, 0)})
    with database.connect(tenant.tenant_id) as conn:
        assert exchange_rates(conn, tenant) == [
            ExchangeRate("USD", date(2025, 3, 2), Decimal(100)),
            ExchangeRate("USD", date(2025, 3, 1), Decimal("149.5")),
        ]
