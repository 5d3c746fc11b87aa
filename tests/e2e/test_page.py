"""The dashboard as a shop owner uses it, in a real browser against a real server."""

import json
import re
import time
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import httpx
import pytest
from playwright.sync_api import Page, Route, expect
from tests.e2e.conftest import PASSWORD, Mall, Shop
from tests.e2e.pages import FOUND, OVER, RECORD, SPILT, card, figure, fill_in, nothing, point_at, sheets, sign_in
from tests.e2e.shown import DAYS, KNOWN, RETENTION, SHOWN, answered, cohort_of, number_in, took

from tallymark.tasks import LOCK_CLASS

WEB = Path(__file__).parents[2] / "web"
AXE = WEB / "node_modules/axe-core/axe.min.js"
PAGES = [
    "/", "/sales", "/products", "/products/shopify/s-8", "/customers", "/profitability", "/inventory",
    "/activity", "/clients", "/freshness", "/jobs", "/performance", "/import", "/settings",
]  # fmt: skip
STEPS = ["Calculating Revenue", "Processing Expenses", "Analyzing Trends", "Finalizing Results"]
SMALL = """
SELECT ensure_months(now() - interval '40 days', now());
INSERT INTO products (tenant_id, platform, product_id, sku, name, cost, price, created_at)
VALUES (current_tenant(), 'shopify', 'p', 'P', 'Mug', 4, 10, now() - interval '40 days');
INSERT INTO orders (tenant_id, placed_at, platform, order_id, status, currency, total_amount)
VALUES (current_tenant(), now() - interval '1 day', 'shopify', 'o1', 'completed', 'EUR', 100)
"""
ORDER = """
INSERT INTO orders (tenant_id, placed_at, platform, status, currency, total_amount, order_id)
VALUES (current_tenant(), now() - interval '1 day', 'shopify', 'completed', 'EUR', 100"""
VISITS = """;
INSERT INTO activity (tenant_id, platform, activity_id, occurred_at, kind, visitor_id, product_id)
SELECT current_tenant(), 'shopify', kind || n, now() - make_interval(days => 1, mins => n), kind, 'v' || n, product
FROM (VALUES ('visit', NULL, 20), ('view', 'p', 1)) v (kind, product, many), generate_series(1, many) n;
INSERT INTO inventory_levels (tenant_id, platform, product_id, location, on_hand, reserved, counted_at)
VALUES (current_tenant(), 'shopify', 'p', 'shelf', 1, 1, now())
"""


def test_a_wrong_password_is_said_and_the_right_one_opens_the_shop(harbour: Shop, page: Page) -> None:
    sign_in(page, harbour, password="not this one")
    expect(page.get_by_role("alert")).to_have_text("The email or the password is wrong.")
    expect(page.get_by_label("Password")).to_be_focused()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    expect(page).to_have_title("Overview · Harbour Coffee · Tallymark")
    page.reload()
    page.get_by_role("button", name="You: admin@harbour.example").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_refresh_lights_its_steps_the_figures_follow_and_the_button_counts_down(mall: Mall, page: Page) -> None:
    shop = mall.shop("quay", SMALL, refreshed=True)
    sign_in(page, shop)
    before = figure(page, "Net revenue")
    assert before == 100
    shop.run(
        "INSERT INTO orders (tenant_id, placed_at, platform, order_id, status, currency, total_amount)"
        " VALUES (current_tenant(), now() - interval '1 minute', 'shopify', 'late', 'completed', 'EUR', 1234.56)"
    )
    page.evaluate(RECORD)
    page.get_by_role("button", name="Refresh Analytics").click()
    expect(page.get_by_role("button", name="Refreshing...")).to_have_attribute("aria-disabled", "true")
    expect(page.locator(".steps li")).to_have_text(STEPS)
    expect(page.locator(".steps li[data-state=done]")).to_have_count(4)
    seen = page.evaluate("window.seen")
    for place in range(4):
        assert [state for step, state in seen if step == place][-2:] == ["running", "done"], seen
    expect(page.locator(".foot")).to_contain_text("Version 2")
    assert figure(page, "Net revenue") == 1334.56
    assert figure(page, "Orders") == 2
    expect(page.locator(".live")).to_contain_text(re.compile(r"Orders\s*2"))
    expect(page.locator(".steps")).to_be_hidden()
    button = page.get_by_role("button", name=re.compile(r"^Refresh again in [1-4]:\d\d$"))
    expect(button).to_have_attribute("aria-disabled", "true")
    first = button.inner_text()
    expect(page.locator(".refresh button")).not_to_have_text(first)
    page.reload()
    expect(button).to_have_attribute("aria-disabled", "true")


def test_a_link_shows_the_same_days_comparison_and_platform_to_whoever_opens_it(harbour: Shop, page: Page) -> None:
    sign_in(page, harbour)
    whole = figure(page, "Total sales")
    page.get_by_role("button", name="Last 28 days").click()
    page.get_by_role("button", name="Last 7 days").click()
    expect(page).to_have_url(re.compile(r"/\?range=7d$"))
    page.get_by_role("button", name="Compared with: Previous period").click()
    page.get_by_role("menuitemradio", name="Previous year").click()
    page.get_by_role("button", name="Platform: All platforms").click()
    page.get_by_role("menuitemradio", name="Shopify").click()
    page.get_by_role("link", name="Sales").click()
    expect(page).to_have_url(re.compile(r"/sales\?range=7d&compare=year&platform=shopify$"))
    card(page, "Total sales").get_by_role("radio", name="Orders").check(force=True)
    expect(page).to_have_url(re.compile(r"figure=orders"))
    expect(card(page, "Orders").locator(".stroke.before")).to_be_visible()
    link, orders = page.url, figure(page, "Units")
    other = page.context.new_page()
    other.goto(link)
    expect(other.get_by_role("button", name="Last 7 days")).to_be_visible()
    expect(card(other, "Orders").get_by_role("radio", name="Orders").first).to_be_checked()
    assert figure(other, "Units") == orders
    other.close()
    for _ in range(4):
        page.go_back()
    page.get_by_role("button", name="Last 7 days").click()
    page.get_by_role("button", name="Last 28 days").click()
    page.get_by_role("button", name="Platform: All platforms").wait_for()
    assert figure(page, "Total sales") == whole


def test_days_are_picked_in_the_calendar_by_pointer_and_by_key(harbour: Shop, page: Page) -> None:
    sign_in(page, harbour, path="/?from=2026-03-01&to=2026-03-31")
    page.get_by_role("button", name="1 Mar – 31 Mar 2026").click()
    page.get_by_role("button", name="Tue, 10 Mar 2026").click()
    page.get_by_text("Now choose the last day.").wait_for()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="Tue, 17 Mar 2026")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"\?from=2026-03-10&to=2026-03-17$"))
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile(r"\?from=2026-03-02&to=2026-03-09$"))
    page.keyboard.press("y")
    expect(page.get_by_role("button", name="This year")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Last 7 days")
    page.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    expect(page).to_have_url(re.compile(r"\?range=year$"))
    page.keyboard.press("Control+k")
    page.keyboard.type("go sales")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Sales", exact=True)).to_be_visible()
    page.keyboard.press("Control+k")
    page.locator("dialog").press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="What to do")).to_be_visible()


def test_a_server_that_was_killed_is_missed_aloud_and_the_page_goes_on_when_it_is_back(mall: Mall, page: Page) -> None:
    """With a refresh under way, and with a question that is asked while there is nobody to answer it."""
    shop = mall.shop("islay", SMALL, refreshed=True)
    sign_in(page, shop, path="/sales?range=7d&compare=none")
    orders = figure(page, "Orders")
    tenant = shop.tenant.tenant_id
    with shop.database.session(tenant) as session:
        session.connection.execute("SELECT pg_advisory_lock(%s, %s)", (LOCK_CLASS, tenant))
        page.get_by_role("button", name="Refresh Analytics").click()
        expect(page.get_by_role("button", name="Refreshing")).to_be_visible()
        shop.server.kill()
    status = page.get_by_role("status")
    expect(status).to_contain_text("The server cannot be reached.")
    expect(status).to_contain_text(re.compile(r"The figures below are the last good ones, from .+\. Trying again\."))
    expect(page.get_by_role("button", name="Refresh Analytics")).to_be_visible()
    assert figure(page, "Orders") == orders
    page.keyboard.press("n")
    expect(card(page, "Orders")).to_contain_text("The server cannot be reached.")
    shop.run(f"{ORDER}, 'o9')")
    shop.server.start()
    expect(status).to_be_hidden()
    assert figure(page, "Orders") == orders
    expect(page.get_by_role("alert")).to_have_count(0)
    # It answers, follows a refresh, and shows what that brings.
    page.get_by_role("button", name="Refresh Analytics").click()
    expect(card(page, "Orders").locator(".figure")).to_have_text(f"{orders + 1:.0f}")


def test_a_session_that_has_ended_on_the_server_is_begun_again_where_it_was(harbour: Shop, page: Page) -> None:
    sign_in(page, harbour, path="/sales?range=7d&compare=none")
    units = figure(page, "Units")
    harbour.own("UPDATE users SET session_epoch = session_epoch + 1 WHERE email = 'admin@harbour.example'")
    deadline = time.monotonic() + 60
    while page.request.get(f"{harbour.address}/api/auth/me").status != 401:
        assert time.monotonic() < deadline, "the session goes on"
    page.keyboard.press("n")
    expect(page.get_by_text("Your session has ended.")).to_be_visible()
    fill_in(page, harbour)
    expect(page).to_have_url(re.compile(r"/sales\?range=90d&compare=none$"))
    assert figure(page, "Units") > units


def test_every_page_shows_what_the_server_answers(mall: Mall, page: Page) -> None:
    shop = mall.shop("jura", KNOWN, refreshed=True)
    today = datetime.now(shop.tenant.zone).date()
    days = f"from={today - timedelta(days=DAYS)}&to={today}"
    sign_in(page, shop, path=f"/?{days}&compare=none")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    at = "/"
    for path, asked, pick, known, read in SHOWN:
        if path != at:
            page.goto(f"{shop.address}{path}?{days}&compare=none")
            at = path
        expect(read(page), path).to_be_visible()
        told = pick(answered(page, shop, asked, days))
        assert (path, asked, number_in(read(page)), told) == (path, asked, told, Decimal(known))
    page.goto(f"{shop.address}/customers")
    cohorts = card(page, "Who comes back").get_by_role("row")
    expect(cohorts.nth(1)).to_be_visible()
    shares = [text.split("\n")[0] for text in cohorts.nth(1).locator("td").all_inner_texts() if text]
    assert shares == cohort_of(answered(page, shop, RETENTION, ""))
    page.goto(f"{shop.address}/freshness")
    line = card(page, "Recent runs").locator("summary")
    (run,) = answered(page, shop, "/api/admin/analytics/status", "")["runs"]
    expect(line).to_contain_text(f"by {run['triggeredBy']}")
    expect(line.locator(".took")).to_have_text(took(float(run["durationMs"])))


def test_when_figures_cannot_be_had_the_card_says_so_and_tries_again(harbour: Shop, page: Page) -> None:
    def fail(route: Route) -> None:
        body = json.dumps({"code": "unexpected", "message": "Something went wrong."})
        route.fulfill(status=500, content_type="application/problem+json", body=body)

    page.route("**/graphql", fail)
    sign_in(page, harbour)
    expect(card(page, "Net revenue").get_by_role("alert")).to_contain_text("Something went wrong.")
    page.unroute("**/graphql")
    card(page, "Net revenue").get_by_role("button", name="Try again").click()
    assert figure(page, "Net revenue") > 0
    page.route("**/api/admin/analytics/refresh*", fail)
    page.get_by_role("button", name="Refresh Analytics").click()
    expect(page.get_by_role("status")).to_contain_text("The refresh failed: Something went wrong.")
    assert figure(page, "Net revenue") > 0


def test_who_asks_faster_than_is_let_through_waits_and_goes_on_by_itself(harbour: Shop, page: Page) -> None:
    refused: list[str] = []

    def refuse(route: Route) -> None:
        name = route.request.url.removeprefix(harbour.address)
        if refused.count(name) == 2:
            return route.fallback()
        refused.append(name)
        body = json.dumps({"code": "too_many_requests", "message": "More than 100 requests in a minute."})
        headers = {"Retry-After": "1"}
        return route.fulfill(status=429, content_type="application/problem+json", headers=headers, body=body)

    sign_in(page, harbour)
    net = figure(page, "Net revenue")
    for path in ("**/api/auth/me", "**/api/live*", "**/graphql"):
        page.route(path, refuse)
    page.reload()
    expect(page.get_by_text("The server has been asked for a lot within a minute.")).to_be_visible()
    assert figure(page, "Net revenue") == net
    expect(page.get_by_role("status")).to_be_hidden()
    assert sorted(refused) == sorted(["/api/auth/me", "/api/live?platform=all", "/graphql"] * 2)


def test_from_a_row_to_one_product_and_a_link_shows_the_same(harbour: Shop, page: Page) -> None:
    sign_in(page, harbour, path="/products?range=90d&compare=year&platform=shopify")
    expect(platform := page.get_by_role("button", name="Platform:")).to_be_visible()
    page.get_by_label("Search products").fill("kettle")
    page.get_by_role("link", name="Gooseneck Kettle 0.9 l").click()
    expect(page.get_by_role("heading", name="Gooseneck Kettle")).to_be_visible()
    expect(platform).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/products/shopify/s-8\?range=90d&compare=year&platform=shopify"))
    revenue = figure(page, "Revenue")
    assert revenue > 0
    other = page.context.new_page()
    other.goto(page.url)
    assert figure(other, "Revenue") == revenue
    other.close()
    page.go_back()
    expect(page.get_by_label("Search products")).to_have_value("kettle")
    expect(page.get_by_role("button", name="Last 90 days")).to_be_visible()
    page.set_viewport_size({"width": 500, "height": 900})
    expect(page.locator(".big-rows")).to_have_attribute("data-after", "true")


def test_stale_figures_say_so_and_recommend_a_refresh(mall: Mall, page: Page) -> None:
    shop = mall.shop("pier", SMALL, refreshed=True)
    tenant = shop.tenant.tenant_id
    shop.own(f"UPDATE publications SET checked_at = now() - interval '3 days' WHERE tenant_id = {tenant}")
    sign_in(page, shop)
    expect(page.get_by_text("Updated 3 days ago").first).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("These figures are from 3 days ago.")
    expect(page.get_by_role("button", name="Refresh Recommended")).to_be_visible()


def test_ages_grow_by_themselves_and_polling_asks_for_the_version_alone(harbour: Shop, page: Page) -> None:
    page.clock.install()
    sign_in(page, harbour)
    page.clock.run_for(1000)
    expect(page.locator(".foot")).to_contain_text("Version 1")
    figure(page, "Net revenue")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {request.url.removeprefix(harbour.address)}"))
    note = page.locator(".refresh .note")
    before = int((re.search(r"(\d+) minutes? ago", note.inner_text()) or ["", "0"])[1])
    page.clock.run_for(185_000)
    expect(note).to_have_text(re.compile(rf"Updated ({before + 3}|{before + 4}) minutes ago"))
    assert set(asked) == {"GET /api/live?platform=all"}
    with harbour.database.owner() as conn:
        where = {"tenant": harbour.tenant.tenant_id}
        runs = conn.execute("SELECT count(*) FROM analytics_metadata WHERE tenant_id = %(tenant)s", where).fetchone()
    assert runs == (1,)


def test_a_refresh_of_somebody_else_is_shown_as_it_happens(mall: Mall, page: Page) -> None:
    shop = mall.shop("dock", SMALL, refreshed=True)
    tenant, run = shop.tenant.tenant_id, "00000000-0000-4000-8000-000000000001"
    with shop.database.session(tenant) as session:
        session.connection.execute("SELECT pg_advisory_lock(%s, %s)", (LOCK_CLASS, tenant))
        shop.own(
            f"INSERT INTO analytics_metadata (tenant_id, run_id, triggered_by) VALUES ({tenant}, '{run}', 'clock')"
        )
        for seq, step in enumerate(STEPS[:2]):
            shop.own(
                "INSERT INTO analytics_progress (tenant_id, run_id, seq, step)"
                f" VALUES ({tenant}, '{run}', {seq}, '{step}')"
            )
        sign_in(page, shop)
        expect(page.get_by_role("button", name="Refreshing...")).to_be_visible()
        expect(page.locator(".steps li[data-state=running]")).to_contain_text("Processing Expenses")
        assert figure(page, "Net revenue") == 100
        shop.own(
            "UPDATE analytics_metadata SET status = 'failed', error_message = 'power cut'"
            f" WHERE status = 'processing' AND tenant_id = {tenant}"
        )
        expect(page.get_by_role("status")).to_have_text(
            re.compile(r"The refresh failed: power cut\. The figures below are the last good ones, from")
        )
    assert figure(page, "Net revenue") == 100


def test_a_viewer_reads_everything_and_finds_no_button_that_does_nothing(harbour: Shop, page: Page) -> None:
    sign_in(page, harbour, "viewer")
    assert figure(page, "Net revenue") > 0
    expect(page.locator(".live")).to_contain_text("Orders")
    expect(page.get_by_role("button", name=re.compile("Refresh"))).to_have_count(0)
    page.goto(f"{harbour.address}/freshness")
    expect(page.get_by_text("This page is for admins of the shop")).to_be_visible()
    expect(page.get_by_role("navigation").get_by_role("link", name="Freshness")).to_have_count(0)


def test_before_there_are_figures_it_says_what_to_do(mall: Mall, page: Page) -> None:
    bare, filled = mall.shop("bare", refreshed=True), mall.shop("filled", SMALL)
    sign_in(page, bare)
    expect(page.get_by_text("Nothing has come in yet")).to_be_visible()
    expect(page.get_by_role("region", name="Drop files here")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Refresh")).click()
    expect(page.locator(".foot")).to_contain_text("Version 1")
    expect(page.get_by_text("Nothing has come in yet")).to_be_visible()
    page.context.clear_cookies()
    sign_in(page, filled)
    expect(page.get_by_text("The figures have not been computed yet")).to_be_visible()
    page.get_by_role("button", name="Refresh Recommended").click()
    assert figure(page, "Net revenue") == 100


def test_two_shops_of_one_person_never_mix(mall: Mall, harbour: Shop, page: Page) -> None:
    other = mall.shop("aerie", SMALL, refreshed=True)
    other.own(
        "INSERT INTO memberships (tenant_id, user_id, role)"
        f" SELECT {harbour.tenant.tenant_id}, user_id, 'viewer' FROM users WHERE email = 'admin@aerie.example'"
    )
    sign_in(page, other)
    assert figure(page, "Net revenue") == 100
    page.get_by_role("button", name="Shop: Aerie Coffee").click()
    page.get_by_role("menuitemradio", name="Harbour Coffee").click()
    expect(page).to_have_url(re.compile(r"\?tenant=harbour$"))
    expect(page.get_by_role("button", name="Shop: Harbour Coffee")).to_be_visible()
    assert figure(page, "Net revenue") > 1000
    expect(page.get_by_role("button", name=re.compile("Refresh"))).to_have_count(0)
    page.go_back()
    assert figure(page, "Net revenue") == 100
    page.get_by_role("link", name="Clients").click()
    shops = card(page, "How your shops stand")
    expect(shops.get_by_role("row")).to_have_count(3)
    shops.get_by_role("searchbox", name="Search shops").fill("harb")
    expect(shops.get_by_role("row")).to_have_count(2)
    shops.get_by_role("link", name="Harbour Coffee").click()
    expect(page).to_have_url(re.compile(r"/\?tenant=harbour$"))
    assert figure(page, "Net revenue") > 1000


def test_visits_become_orders_and_stock_becomes_a_list_of_what_to_order(mall: Mall, page: Page) -> None:
    shop = mall.shop("wharf", SMALL + VISITS, refreshed=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/api/metrics/" in request.url else None)
    sign_in(page, shop, path="/activity")
    assert figure(page, "Visits") == 20
    assert figure(page, "Conversion") == 5
    expect(card(page, "From visits to orders")).to_contain_text("Added to cart")
    expect(card(page, "Most viewed products").get_by_role("link", name="Mug")).to_be_visible()
    last = card(page, "What happened last")
    expect(last.get_by_role("row")).to_have_count(21)
    assert {one.partition("?")[0].rpartition("/")[2] for one in asked} == {"recent_activity"}
    last.get_by_role("button", name="Show more").click()
    expect(last.get_by_role("row")).to_have_count(23)
    last.get_by_role("radio", name="Orders").check(force=True)
    expect(last.get_by_role("row")).to_have_count(2)
    expect(last).to_contain_text("€100.00")
    page.get_by_role("link", name="Inventory").click()
    expect(card(page, "Stock over time")).to_contain_text("One day of stock is known so far")
    with page.expect_download() as file:
        page.get_by_role("button", name="Order list (1)").click()
    assert file.value.suggested_filename == "wharf-order-list.csv"
    assert Path(file.value.path()).read_text().splitlines()[1].startswith("p,Mug,P,shopify,0,")


def test_the_figures_behind_a_chart_are_a_table_and_a_file(harbour: Shop, page: Page) -> None:
    sign_in(page, harbour)
    months = card(page, "Month by month")
    expect(months.locator("rect.bar").first).to_be_visible()
    months.get_by_role("slider").focus()
    expect(months.locator(".tip")).to_contain_text("so far")
    page.keyboard.press("ArrowLeft")
    expect(months.locator(".tip")).not_to_contain_text("so far")
    months.get_by_role("button", name="Month by month as a table").click()
    expect(months.get_by_role("row")).to_have_count(13)
    months.get_by_role("button", name="More of Month by month").click()
    with page.expect_download() as file:
        page.get_by_role("menuitem", name="CSV", exact=True).click()
    assert file.value.suggested_filename == "harbour-month-by-month.csv"
    lines = Path(file.value.path()).read_text().splitlines()
    assert lines[0] == "month,revenue,expenses,netProfit,orderCount"
    assert lines[-1].startswith(f"{datetime.now(harbour.tenant.zone):%Y-%m}")
    assert len(lines) == 13
    months.get_by_role("button", name="More of Month by month").click()
    expect(page.get_by_role("menu")).to_contain_text("Download what is shown, 12 months")
    with page.expect_download() as file:
        page.get_by_role("menuitem", name="Excel", exact=True).click()
    assert file.value.suggested_filename == "harbour-month-by-month.xlsx"
    figures, about = sheets(file.value.path())
    assert (figures[0][0], about[1]) == ("Month", ["Shop", "Harbour Coffee"])
    assert [Decimal(row[1]) for row in figures[1:]] == [Decimal(line.split(",")[1]) for line in lines[1:]]
    # By keys alone, of a card that is no more than a figure.
    page.get_by_role("button", name="More of Total sales").focus()
    page.keyboard.press("Enter")
    page.get_by_role("menuitem", name="Excel, all columns").focus()
    with page.expect_download() as file:
        page.keyboard.press("Enter")
    assert file.value.suggested_filename.startswith("harbour-sales-overview-")
    with ZipFile(file.value.path()) as packed:
        assert "Total sales" in packed.read("xl/sharedStrings.xml").decode()


def test_an_admin_makes_a_key_that_is_shown_once_and_ends_it(mall: Mall, page: Page) -> None:
    shop = mall.shop("weir")
    sign_in(page, shop, path="/settings")
    keys = card(page, "API keys")
    expect(keys).to_contain_text("No program has a key yet")
    keys.get_by_role("button", name="Make a key").click()
    page.get_by_label("Name").fill("Warehouse")
    page.get_by_role("checkbox", name="send changes").check()
    page.keyboard.press("Enter")
    secret = page.get_by_role("dialog", name="Warehouse").locator("code").inner_text()
    page.get_by_role("button", name="I have kept it").click()
    headers = {"Authorization": f"Bearer {secret}"}
    assert httpx.get(f"{shop.address}/api/live", headers=headers).status_code == 200
    expect(keys.get_by_role("row", name="Warehouse")).to_contain_text("read figures" + "send changes")
    assert secret not in page.content()
    keys.get_by_role("button", name="End the key Warehouse").click()
    page.get_by_role("dialog").get_by_role("button", name="End the key").click()
    expect(keys).to_contain_text("No program has a key yet")
    assert httpx.get(f"{shop.address}/api/live", headers=headers).status_code == 401
    expect(card(page, "Audit log")).to_be_visible()
    page.context.clear_cookies()
    sign_in(page, shop, "viewer", path="/settings")
    expect(card(page, "Shop")).to_contain_text("Viewer")
    expect(card(page, "API keys")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_sticks_out(harbour: Shop, page: Page, theme: Any) -> None:
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    sign_in(page, harbour)
    expect(page.locator(".shell")).to_be_visible()
    for path in PAGES:
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(f"{harbour.address}{path}")
        expect(page.locator("main [aria-busy=true]")).to_have_count(0)
        expect(page.locator(".shell main .card").first).to_be_visible()
        expect(page.locator(".skeleton")).to_have_count(0)
        expect(page.locator("main").get_by_role("alert")).to_have_count(0)
        page.evaluate(AXE.read_text())
        assert page.evaluate(FOUND) == [], f"{path} {theme}"
        page.set_viewport_size({"width": 360, "height": 740})
        page.wait_for_function("innerWidth === 360")
        nothing(page, OVER, path)
        page.wait_for_function("() => document.querySelector('main').clientWidth <= 360")
        nothing(page, SPILT, path)
        if theme == "light":
            assert page.evaluate(FOUND) == [], f"{path} on a phone"
        elif page.locator(".plot").count():
            point_at(page, page.locator(".plot").first)
            nothing(page, OVER, f"{path}, pointed at")
