"""Commands on a real database, in this process: what they print, what they leave, how they end."""

import json
from collections.abc import Callable
from urllib.parse import urlencode

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from tallymark.cli import main
from tallymark.db import Database

SALE = """
SELECT ensure_months('2026-01-01', '2026-01-31');
INSERT INTO orders (tenant_id, placed_at, platform, order_id)
    VALUES (current_tenant(), '2026-01-05 10:00+00', 'till', 'o1');
INSERT INTO order_items (tenant_id, placed_at, platform, order_id, line_id, quantity, unit_price)
    VALUES (current_tenant(), '2026-01-05 10:00+00', 'till', 'o1', '1', 2, 19.99)
"""

Tally = Callable[..., tuple[int, str, str]]


@pytest.fixture
def tally(database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tally:
    """Runs a command on the test's database: its exit status, standard output and standard error."""
    monkeypatch.setenv("DATABASE_URL", _url(database.conninfo))
    monkeypatch.setenv("TALLYMARK_SECRET_KEY", "k" * 32)

    def run(*words: str) -> tuple[int, str, str]:
        status = main(list(words))
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


def _url(conninfo: str) -> str:
    parts = {name: str(value) for name, value in conninfo_to_dict(conninfo).items() if value is not None}
    return f"postgresql:///{parts.pop('dbname')}?{urlencode(parts)}"


@pytest.fixture
def shop(database: Database, make_tenant: Callable[..., int]) -> int:
    """A tenant with one order of two units at 19.99."""
    tenant_id = make_tenant("shop")
    with database.connect(tenant_id) as conn:
        conn.execute(SALE)
    return tenant_id


def test_tenants(tally: Tally) -> None:
    assert tally("tenant", "list") == (0, "", "There is no tenant yet.\n")
    assert tally("ask", "net_revenue")[0] == 2
    create = ("tenant", "create", "shop", "--name", "A shop", "--timezone", "Europe/Paris", "--currency", "EUR")
    assert tally(*create) == (0, "Made the tenant shop: A shop, Europe/Paris, EUR.\n", "")
    assert tally(*create) == (2, "", "error: There is a tenant 'shop' already.\n")
    status, out, _ = tally("tenant", "list", "--json")
    assert (status, json.loads(out)) == (
        0,
        {"slug": "shop", "name": "A shop", "timezone": "Europe/Paris", "currency": "EUR"},
    )
    status, _, err = tally(*create[:3], "--name", "x", "--timezone", "Europe/Pris", "--currency", "EUR")
    assert (status, err.splitlines()[0]) == (2, "error: There is no time zone 'Europe/Pris'.")
    status, _, err = tally(*create[:3], "--name", " ", *create[5:])
    assert (status, err) == (2, "error: A tenant's name has between 1 and 200 characters.\n")
    status, _, err = tally(*create[:-1], "EUE")
    assert (status, err) == (2, "error: There is no currency 'EUE'. Did you mean EUR?\n")


def test_users_and_their_tokens(tally: Tally, shop: int, make_tenant: Callable[..., int]) -> None:
    make_tenant("other")
    create = ("user", "create", "Ann@Example.com", "--tenant", "shop", "--role")
    status, password, _ = tally(*create, "analyst")
    assert (status, len(password.strip()) >= 20) == (0, True)
    status, out, err = tally(*create, "admin")
    assert (status, out) == (0, "")
    assert err.splitlines() == [
        "ann@example.com is now admin of shop.",
        "The account was there already and keeps its password.",
    ]
    assert tally(*create, "owner")[0] == 2
    status, token, _ = tally("token", "ann@example.com", "--tenant", "shop")
    assert (status, token.count(".")) == (0, 2)
    status, out, err = tally("token", "ann@example.com", "--tenant", "other")
    assert (status, out, err.splitlines()[0]) == (2, "", "error: ann@example.com does not belong to other.")
    assert tally("token", "bob@example.com")[0] == 2


def test_from_a_sale_to_its_figures(tally: Tally, shop: int) -> None:
    status, _, err = tally("ask", "sales_overview")
    assert (status, err.splitlines()[1]) == (1, "hint: Refresh first: tallymark refresh --tenant shop")
    assert tally("verify")[0] == 0  # Nothing is stored, so nothing can differ.
    assert tally("verify", "--tenant", "shop")[0] == 1

    status, out, _ = tally("refresh", "--json")
    assert (status, json.loads(out)["version"]) == (0, 1)
    assert "version 1 is up to date" in tally("refresh")[1]
    window = ("--param", "from=2026-01-01", "--param", "to=2026-01-31")
    status, out, _ = tally("ask", "sales_overview", *window, "--json")
    assert (status, json.loads(out)["data"]["grossSales"]) == (0, 39.98)
    assert '"grossSales":39.98,' in out

    no_platform = "error: There is no platform 'etsy' here, only all, till."
    for words in (("ask", "net_revenue", "--platform", "etsy", "--json"), ("refresh", "--platform", "etsy", "--json")):
        status, out, err = tally(*words)
        assert (status, out, err.splitlines()[-1]) == (2, "", no_platform)

    status, out, _ = tally("status", "--json")
    standing = json.loads(out)
    assert (standing["version"], standing["stale"], standing["pending_changes"]) == (1, False, 0)
    assert standing["data_through"] == "2026-01-05T10:00:00Z"
    assert standing["last_run"]["status"] == "completed"


def test_rates(tally: Tally, shop: int, database: Database) -> None:
    with database.connect(shop) as conn:
        conn.execute("UPDATE orders SET currency = 'USD'")
    assert tally("rates", "list") == (0, "", "There is no rate yet.\n")
    tally("refresh")
    window = ("--param", "from=2026-01-01", "--param", "to=2026-01-31", "--json")
    left_out = json.loads(tally("ask", "sales_overview", *window)[1])
    assert (left_out["data"]["grossSales"], left_out["warnings"][0]["code"]) == (0, "excluded_currency")

    said = "1 USD = 0.8125 GBP from 2026-01-05 on.\n"
    assert tally("rates", "set", "USD", "2026-01-05", "0.8125", "--tenant", "shop") == (
        0,
        said,
        "Next: tallymark refresh --tenant shop\n",
    )
    tally("rates", "set", "EUR", "2026-01-06", "0.90")
    status, out, _ = tally("rates", "list", "--json")
    assert (status, out.splitlines()) == (
        0,
        [
            '{"currency":"EUR","day":"2026-01-06","rate":0.90}',
            '{"currency":"USD","day":"2026-01-05","rate":0.8125}',
        ],
    )
    lines = tally("rates", "list", "--currency", "USD")[1].splitlines()
    assert [line.split() for line in lines] == [["currency", "from", "GBP"], ["USD", "2026-01-05", "0.8125"]]
    tally("refresh")
    counted = json.loads(tally("ask", "sales_overview", *window)[1])
    assert (counted["data"]["grossSales"], counted["warnings"]) == (32.48375, [])
    assert tally("verify")[0] == 0

    assert tally("rates", "remove", "USD", "2026-01-05")[:2] == (0, "Removed the rate of USD from 2026-01-05.\n")
    assert tally("rates", "remove", "USD", "2026-01-05")[0] == 2
    assert tally("rates", "list", "--currency", "USD")[2] == "There is no rate of USD yet.\n"


@pytest.mark.parametrize(
    ("words", "about"),
    [
        (("USD", "2026-01-05", "much"), "'much' is no number."),
        (("USD", "2026-01-05", "0"), "above 0"),
        (("USD", "5 January", "1"), "'5 January' is no day."),
        (("GBP", "2026-01-05", "1"), "own currency"),
        (("dollars", "2026-01-05", "1"), "There is no currency 'dollars'."),
    ],
)
def test_what_is_no_rate_is_wrong_use(tally: Tally, shop: int, words: tuple[str, ...], about: str) -> None:
    status, out, err = tally("rates", "set", *words)
    assert (status, out) == (2, "")
    assert about in err


@pytest.mark.parametrize(
    ("words", "about"),
    [
        (("ask", "net_revenues"), "There is no metric 'net_revenues'."),
        (("ask", "net_revenue", "--tenant", "shopp"), "There is no tenant 'shopp'."),
        (("ask", "net_revenue", "--param", "colour=red"), "colour"),
        (("refresh", "--tenant", "shopp"), "There is no tenant 'shopp'."),
        (("verify", "--tenant", "shopp"), "There is no tenant 'shopp'."),
    ],
)
def test_what_is_unknown_is_wrong_use(tally: Tally, shop: int, words: tuple[str, ...], about: str) -> None:
    status, out, err = tally(*words)
    assert (status, out) == (2, "")
    assert err.startswith("error: ")
    assert about in err


def test_one_of_several_tenants_has_to_be_named(tally: Tally, shop: int, make_tenant: Callable[..., int]) -> None:
    make_tenant("other")
    status, _, err = tally("refresh")
    assert (status, err.splitlines()) == (
        2,
        ["error: There are 2 tenants: which one is meant?", "hint: --tenant, one of other, shop"],
    )


def test_a_figure_that_was_tampered_with_is_found(tally: Tally, database: Database, shop: int) -> None:
    tally("refresh")
    with database.connect(shop) as conn:
        conn.execute("UPDATE sales_day SET gross = gross + 0.01")
    status, out, _ = tally("verify", "--json")
    found = json.loads(out)
    assert (status, found["ok"]) == (1, False)
    assert {(row["table"], row["side"]) for row in found["differences"]} >= {
        ("sales_day", "stored"),
        ("sales_day", "recounted"),
    }
    status, out, err = tally("verify")
    assert (status, out.splitlines()[1:]) == (1, ["  sales_day, 2026-01-05, till: gross 39.99, recounted 39.98"])
    assert out.splitlines()[0].endswith(" compared with a full recount, 1 differ:")
    assert err.endswith("To put it right, run: tallymark refresh --tenant shop --rebuild\n")
    assert tally("status")[2].endswith("1 alert: tallymark doctor tells of what.\n")
    assert "tallymark refresh --tenant shop --rebuild" in tally("doctor")[1]
    assert tally("refresh")[1].startswith("shop: version 1 is up to date")
    assert tally("refresh", "--rebuild")[1].startswith("shop: version 2, ")
    assert tally("verify")[0] == 0
    assert "alert" not in tally("status")[2]


def test_a_tenant_whose_archive_cannot_be_read_does_not_stop_the_others(
    tally: Tally, database: Database, shop: int, make_tenant: Callable[..., int]
) -> None:
    broken = make_tenant("broken")
    tally("refresh", "--all")
    with database.connect(broken) as conn:
        conn.execute("INSERT INTO archives VALUES (current_tenant(), '2025-01-01Z', 'broken/gone.parquet', 1, 'x')")
    status, out, err = tally("verify")
    assert (status, out.startswith("shop: "), out.endswith("none differs.\n")) == (1, True, True)
    assert "error: broken: " in err
    assert "the archived order lines are not there." in err


def test_one_broken_tenant_does_not_stop_the_others(
    tally: Tally, database: Database, shop: int, make_tenant: Callable[..., int]
) -> None:
    make_tenant("broken", timezone="Nowhere/Atall")
    status, out, err = tally("refresh", "--all", "--json")
    assert [json.loads(line)["tenant"] for line in out.splitlines()] == ["shop"]
    assert status == 1
    assert "error: broken: " in err


def test_the_doctor(tally: Tally, database: Database, shop: int) -> None:
    tally("refresh")
    status, out, _ = tally("doctor")
    assert status == 0
    assert "ok    figures of shop: version 1, current " in out
    with database.owner() as conn:
        conn.execute("DELETE FROM schema_migrations WHERE number = (SELECT max(number) FROM schema_migrations)")
    status, out, _ = tally("doctor")
    assert status == 1
    assert "fail  migrations: 1 not applied: " in out
    assert "      → Run: tallymark migrate" in out.splitlines()


def test_the_doctor_sees_a_table_without_row_security(tally: Tally, database: Database, shop: int) -> None:
    with database.owner() as conn:
        conn.execute("ALTER TABLE expenses NO FORCE ROW LEVEL SECURITY")
    status, out, _ = tally("doctor")
    assert status == 1
    assert "fail  row security: " in out
    assert "expenses" in out


def test_the_doctor_names_what_it_cannot_reach(tally: Tally, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/none")
    status, out, _ = tally("doctor")
    assert status == 1
    assert "fail  PostgreSQL: The database cannot be reached: " in out
    monkeypatch.setenv("TALLYMARK_SECRET_KEY", "short")
    assert tally("doctor")[1].startswith("fail  settings: TALLYMARK_SECRET_KEY=(hidden): must have at least")


def test_migrating(tally: Tally, empty_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", _url(empty_database))
    status, out, _ = tally("migrate")
    assert (status, out.splitlines()[0]) == (0, "applied directory")
    assert tally("migrate") == (0, "The schema is up to date.\n", "")
    with psycopg.connect(empty_database) as conn:
        assert conn.execute("SELECT count(*) > 4 FROM tallymark.schema_migrations").fetchone() == (True,)


def test_people_and_keys_are_managed_and_it_is_written_down(tally: Tally, shop: int, database: Database) -> None:
    for email, role in (("a@example.com", "admin"), ("b@example.com", "viewer")):
        assert tally("user", "create", email, "--tenant", "shop", "--role", role)[0] == 0
    assert tally("user", "role", "b@example.com", "analyst") == (0, "b@example.com is now analyst of shop.\n", "")
    listed = [json.loads(line) for line in tally("user", "list", "--json")[1].splitlines()]
    assert [(one["email"], one["role"]) for one in listed] == [("a@example.com", "admin"), ("b@example.com", "analyst")]
    status, _, error = tally("user", "remove", "a@example.com")
    assert (status, "last admin" in error) == (2, True)
    assert tally("user", "remove", "b@example.com") == (0, "b@example.com does not belong to shop any more.\n", "")
    status, password, _ = tally("user", "password", "a@example.com")
    assert (status, len(password) > 15) == (0, True)
    assert tally("token", "a@example.com")[0] == 0

    status, key, note = tally("key", "create", "nightly export", "--scopes", "read,refresh")
    assert (status, key.startswith("tmk_"), "read, refresh" in note) == (0, True, True)
    assert tally("key", "create", "odd", "--scopes", "everything")[0] == 2
    (listed_key,) = [json.loads(line) for line in tally("key", "list", "--json")[1].splitlines()]
    assert (listed_key["name"], listed_key["ending"]) == ("nightly export", key.strip()[-4:])
    ended = (0, "The key nightly export opens nothing any more.\n", "")
    assert tally("key", "revoke", str(listed_key["id"])) == ended
    assert tally("key", "list") == (0, "", "There is no key yet.\n")
    with database.connect(shop) as conn:
        done = conn.execute("SELECT action, subject FROM audit_log WHERE actor = 'command line' ORDER BY at").fetchall()
    assert done == [
        ("user.invite", "a@example.com"),
        ("user.invite", "b@example.com"),
        ("user.role", "b@example.com"),
        ("user.remove", "b@example.com"),
        ("password.change", "a@example.com"),
        ("token.issue", "a@example.com"),
        ("key.create", "nightly export"),
        ("key.revoke", "nightly export"),
    ]
