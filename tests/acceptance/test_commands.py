"""The demo and the commands around it, as somebody meets them: in a fresh home, with the server running."""

import json
import re
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.ports import free_port

pytestmark = pytest.mark.timeout(600)

ORDERS = 3000
PATIENCE = 120.0


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def demo(program: Any, port: int) -> Iterator[str]:
    """The address of a demo that serves, and that has been started once before."""
    program.run("demo", "--orders", ORDERS, "--no-serve")
    server = subprocess.Popen(
        [program.command, "demo", "--port", str(port)],
        env=program.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    address = f"http://127.0.0.1:{port}"
    _wait_for(f"{address}/readyz", server)
    yield address
    server.terminate()
    printed, said = server.communicate(timeout=120)
    password = (program.home / "demo-password").read_text().strip()
    assert printed.splitlines() == [
        f"Tallymark is at {address}",
        f"Sign in as admin@example.com, tenant demo, password {password}",
    ]
    assert "Making a shop" not in said


def _wait_for(address: str, server: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert server.poll() is None, server.communicate()
        try:
            if httpx.get(address).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError("the demo does not answer")


def test_the_demo_lets_its_user_in(program: Any, demo: str) -> None:
    kept = program.home / "demo-password"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    credentials = {"email": "admin@example.com", "password": kept.read_text().strip()}
    with httpx.Client(base_url=demo) as browser:
        assert browser.post("/api/auth/login", json=credentials).status_code == 200
        live = browser.get("/api/admin/dashboard").json()["data"]["liveData"]
    assert 0 < live["totalOrders"] <= ORDERS


def test_a_token_opens_the_api(program: Any, demo: str) -> None:
    token = program.text("token", "admin@example.com", "--tenant", "demo").strip()
    authorized = {"Authorization": f"Bearer {token}"}
    assert httpx.get(f"{demo}/api/auth/me", headers=authorized).status_code == 200


def test_asking_gives_what_http_gives(program: Any, demo: str) -> None:
    token = program.text("token", "admin@example.com").strip()
    window = {"from": "2000-01-01", "to": "2099-12-31"}
    words = [word for name, value in window.items() for word in ("--param", f"{name}={value}")]
    ours = program.json("ask", "sales_overview", *words)
    theirs = httpx.get(
        f"{demo}/api/metrics/sales_overview", params=window, headers={"Authorization": f"Bearer {token}"}
    ).json()
    of_the_moment = ("age", "computedAt", "checkedAt")
    for answer in (ours, theirs):
        for name in of_the_moment:
            del answer[name]
    assert ours == theirs
    assert ours["data"]["orders"] > 0


def test_people_read_figures_and_their_age(program: Any, demo: str) -> None:
    said = program.text("ask", "sales_overview")
    assert re.search(r"^gross sales +[\d,]+\.\d\d", said, re.MULTILINE)
    assert re.search(r"^Current .* ago, version \d+, data through \d{4}-\d\d-\d\d \d\d:\d\d\.$", said, re.MULTILINE)


def test_figures_too_old_are_refreshed_first(program: Any, demo: str) -> None:
    asked = program.run("ask", "net_revenue", "--max-age", 0)
    assert "demo: Finalizing Results (4/4)" in asked.stderr


def test_a_refresh_says_what_it_did(program: Any, demo: str) -> None:
    done = program.json("refresh", "--tenant", "demo", "--force")
    assert list(done) == [
        "tenant", "platform", "run_id", "status", "version", "changes_applied", "metrics", "duration_ms", "phases",
    ]  # fmt: skip
    assert done["status"] == "completed"
    assert done["metrics"]
    assert all(set(record) == {"status", "computation_ms"} for record in done["metrics"].values())


def test_all_that_is_stored_is_what_a_recount_gives(program: Any, demo: str) -> None:
    found = program.json("verify")
    assert list(found) == ["tenant", "rows_compared", "differences", "ok"]
    assert (found["tenant"], found["differences"], found["ok"]) == ("demo", [], True)
    assert found["rows_compared"] > ORDERS


def test_the_doctor_finds_nothing(program: Any, demo: str) -> None:
    findings = [json.loads(line) for line in program.text("doctor", "--json").splitlines()]
    assert {finding["state"] for finding in findings} <= {"ok", "warn"}
    assert [finding["check"] for finding in findings] == [
        "settings", "disk space", "PostgreSQL", "extensions", "migrations", "role", "row security",
        "background work",
        "last run of demo", "figures of demo", "change log of demo",
    ]  # fmt: skip


def test_a_second_server_on_the_port_is_refused(program: Any, demo: str, port: int) -> None:
    refused = program.run("serve", "--port", port, status=2)
    assert refused.stdout == ""
    assert refused.stderr.splitlines() == [
        f"error: The server cannot listen on 127.0.0.1:{port}: Address already in use.",
        "hint: Use another port, with --port or TALLYMARK_PORT.",
    ]


def test_files_in_our_own_columns_import(program: Any, demo: str, tmp_path: Any) -> None:
    orders, lines = tmp_path / "orders.csv", tmp_path / "order_items.csv"
    orders.write_text("order_id,placed_at\nfile-1,2026-01-05 10:00\n")
    lines.write_text("order_id,line_id,product_id,quantity,unit_price\nfile-1,1,kettle,2,19.99\n")
    program.run("tenant", "create", "till", "--name", "Till", "--timezone", "Europe/Paris", "--currency", "EUR")
    loaded = program.json("import", orders, lines, "--tenant", "till")
    assert loaded == {
        "tenant": "till",
        "platform": "files",
        "records": {
            "orders": {"new": 1, "changed": 0, "unchanged": 0},
            "order_items": {"new": 1, "changed": 0, "unchanged": 0},
        },
    }
    every = [json.loads(line) for line in program.text("refresh", "--all", "--json").splitlines()]
    assert [done["tenant"] for done in every] == ["demo", "till"]
    window = ("--param", "from=2026-01-01", "--param", "to=2026-01-31")
    assert program.json("ask", "sales_overview", "--tenant", "till", *window)["data"]["grossSales"] == 39.98

    lines.write_text("order_id,line_id,product_id,quantity,unit_price\nfile-1,1,kettle,two,19.99\n")
    refused = program.run("import", orders, lines, "--tenant", "till", status=1)
    assert refused.stdout == ""
    assert "error: The import was refused: 1 row could not be taken, and nothing was stored." in refused.stderr
    assert "order_items.csv, line 2, column quantity" in refused.stderr


def test_a_metric_of_ones_own_is_one_file_in_the_home(program: Any, demo: str) -> None:
    folder = program.home / "metrics"
    folder.mkdir()
    guide = (Path(__file__).parents[2] / "docs" / "adding-a-metric.md").read_text("utf-8")
    (folder / "units_by_platform.sql").write_text(guide.partition("```sql\n")[2].partition("```")[0], "utf-8")
    rows = program.json("ask", "units_by_platform", "--tenant", "demo")["data"]
    assert [row["platform"] for row in rows][:2] == ["shopify", "amazon"]
    outcome = program.json("refresh", "--tenant", "demo", "--force")
    assert outcome["metrics"]["units_by_platform"]["status"] == "completed"
