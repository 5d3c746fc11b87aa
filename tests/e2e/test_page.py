"""The page as a shop owner uses it, in a real browser against a real server."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tallymark.tasks import LOCK_CLASS

pytestmark = pytest.mark.xdist_group("browser")

YEAR = (Path(__file__).parent / "year.sql").read_text()
PASSWORD = "a long password"
STEPS = ["Calculating Revenue", "Processing Expenses", "Analyzing Trends", "Finalizing Results"]
# Notes every state that each step shows, in order.
RECORD = """() => {
  window.seen = [];
  const note = () => document.querySelectorAll('#steps li').forEach((step, place) => {
    const last = window.seen.findLast((entry) => entry[0] === place);
    if (step.dataset.state && last?.[1] !== step.dataset.state) window.seen.push([place, step.dataset.state]);
  });
  new MutationObserver(note).observe(document.getElementById('steps'), { attributes: true, subtree: true });
}"""


def sign_in(page: Page, shop: Any, email: str = "admin@example.com", password: str = PASSWORD) -> None:
    page.goto(shop.address)
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")


def refresh(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Refresh (Analytics|Recommended)$")).click()


def figure(page: Page, name: str) -> float:
    return float(re.sub(r"[^\d.-]", "", page.locator(f"#{name}").inner_text()))


def test_a_wrong_password_is_said_and_the_right_one_opens_the_shop(make_shop: Any, page: Page) -> None:
    shop = make_shop(YEAR)
    sign_in(page, shop, password="not this one")
    expect(page.get_by_role("alert")).to_have_text("The email or the password is wrong.")
    expect(page.get_by_label("Password")).to_be_focused()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Harbour Coffee Roasters")).to_be_visible()
    expect(page.get_by_text("have not been computed yet")).to_be_visible()
    assert figure(page, "products") == 28
    page.reload()
    expect(page.get_by_role("heading", name="Harbour Coffee Roasters")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_refresh_lights_its_four_steps_and_the_figures_follow_the_data(make_shop: Any, page: Page) -> None:
    shop = make_shop(YEAR, ANALYTICS_REFRESH_COOLDOWN_MINUTES="0")
    sign_in(page, shop)
    expect(page.get_by_role("button", name="Refresh Recommended")).to_be_visible()
    page.evaluate(RECORD)
    refresh(page)
    expect(page.locator("#foot")).to_contain_text("Version 1")
    expect(page.locator("#steps li")).to_have_text(STEPS)
    expect(page.locator("#steps li[data-state=done]")).to_have_count(4)
    seen = page.evaluate("window.seen")
    for place in range(4):
        assert [state for step, state in seen if step == place][-2:] == ["running", "done"], seen
    expect(page.get_by_text("Updated just now")).to_be_visible()
    expect(page.locator("#chart path.revenue")).to_have_count(12)
    expect(page.locator("#selling tbody tr")).to_have_count(10)
    expect(page.locator("#spending tbody tr")).to_have_count(7)
    before, orders = figure(page, "revenue"), figure(page, "orders")
    assert figure(page, "net") == round(before - figure(page, "spent"), 2)

    shop.run(
        "INSERT INTO orders (tenant_id, placed_at, platform, order_id, status, currency, total_amount)"
        " VALUES (current_tenant(), now() - interval '1 minute', 'shopify', 'late', 'completed', 'EUR', 1234.56)"
    )
    expect(page.get_by_role("button", name="Refresh Analytics")).to_be_enabled()
    refresh(page)
    expect(page.locator("#foot")).to_contain_text("Version 2")
    assert round(figure(page, "revenue") - before, 2) == 1234.56
    assert figure(page, "orders") == orders + 1


def test_a_platform_is_chosen_in_the_address_and_back_goes_back(make_shop: Any, page: Page) -> None:
    shop = make_shop(YEAR)
    sign_in(page, shop)
    refresh(page)
    expect(page.locator("#foot")).to_contain_text("Version 1")
    whole = figure(page, "revenue")
    page.get_by_label("Shopify").check(force=True)
    expect(page).to_have_url(re.compile(r"\?platform=shopify$"))
    expect(page.locator("#foot")).to_contain_text("Version 1")
    expect(page.locator(".loading")).to_have_count(0)
    part = figure(page, "revenue")
    page.get_by_label("Amazon").check(force=True)
    expect(page).to_have_url(re.compile(r"\?platform=amazon$"))
    expect(page.locator(".loading")).to_have_count(0)
    assert round(part + figure(page, "revenue"), 2) == whole
    page.go_back()
    expect(page.get_by_label("Shopify")).to_be_checked()
    page.reload()
    expect(page.get_by_label("Shopify")).to_be_checked()
    page.get_by_text("Month by month, as a table").click()
    expect(page.locator("#months tbody tr")).to_have_count(12)


def test_after_a_refresh_the_button_counts_down(make_shop: Any, page: Page) -> None:
    shop = make_shop(YEAR)
    sign_in(page, shop)
    refresh(page)
    expect(page.locator("#foot")).to_contain_text("Version 1")
    expect(page.get_by_role("button", name="Refresh Analytics")).to_be_visible()
    refresh(page)
    button = page.locator("#refresh")
    expect(button).to_have_text(re.compile(r"^Refresh again in 4:5\d$"))
    first = button.inner_text()
    expect(button).not_to_have_text(first)
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(page.locator("#foot")).to_contain_text("Version 1")


def test_stale_figures_say_so_and_recommend_a_refresh(make_shop: Any, page: Page) -> None:
    shop = make_shop(YEAR)
    sign_in(page, shop)
    refresh(page)
    expect(page.locator("#foot")).to_contain_text("Version 1")
    shop.own("UPDATE publications SET checked_at = now() - interval '3 days'")
    shop.own("UPDATE analytics_cache SET failed_at = now(), failure = 'x' WHERE metric_type = 'top_products'")
    page.reload()
    expect(page.get_by_text("Updated 3 days ago")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("These figures are from 3 days ago.")
    expect(page.get_by_role("button", name="Refresh Recommended")).to_be_visible()
    expect(page.get_by_role("heading", name="Top products")).to_contain_text("not updated since")


def test_the_age_grows_by_itself_and_polling_computes_nothing(make_shop: Any, page: Page) -> None:
    shop = make_shop(YEAR)
    page.clock.install()
    sign_in(page, shop)
    page.clock.run_for(1000)
    refresh(page)
    expect(page.locator("#foot")).to_contain_text("Version 1")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {request.url.removeprefix(shop.address)}"))
    page.clock.run_for(185_000)
    expect(page.locator("#updated")).to_have_text("Updated 3 minutes ago")
    assert set(asked) == {"GET /api/admin/analytics/status?platform=all"}
    with shop.database.owner() as conn:
        assert conn.execute("SELECT count(*) FROM analytics_metadata").fetchone() == (1,)


def test_a_refresh_of_somebody_else_is_shown_as_it_happens(make_shop: Any, page: Page) -> None:
    shop = make_shop(YEAR)
    sign_in(page, shop)
    refresh(page)
    expect(page.locator("#foot")).to_contain_text("Version 1")
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
        page.reload()
        expect(page.get_by_role("button", name="Refreshing...")).to_be_visible()
        expect(page.locator("#steps li[data-state=running]")).to_have_text("Processing Expenses")
        assert figure(page, "revenue") > 0
        shop.own(
            "UPDATE analytics_metadata SET status = 'failed', error_message = 'power cut' WHERE status = 'processing'"
        )
        expect(page.get_by_role("status")).to_have_text(
            re.compile(r"The refresh failed: power cut\. The figures below are the last good ones, from")
        )
    assert figure(page, "revenue") > 0


def test_when_the_server_fails_the_old_figures_stay_and_are_called_old(make_shop: Any, page: Page) -> None:
    shop = make_shop(YEAR)

    def fail(route: Route) -> None:
        route.fulfill(
            status=500,
            content_type="application/problem+json",
            body='{"code":"unexpected","message":"Something went wrong."}',
        )

    sign_in(page, shop)
    refresh(page)
    expect(page.locator("#foot")).to_contain_text("Version 1")
    revenue = figure(page, "revenue")
    page.route("**/api/admin/analytics/refresh*", fail)
    refresh(page)
    expect(page.get_by_role("status")).to_contain_text("The refresh failed: Something went wrong.")
    expect(page.get_by_role("status")).to_contain_text("The figures below are the last good ones")
    assert figure(page, "revenue") == revenue
    expect(page.get_by_role("button", name="Refresh Analytics")).to_be_visible()
    page.route("**/api/admin/dashboard*", fail)
    page.reload()
    expect(page.get_by_role("heading", name="The figures cannot be shown")).to_be_visible()
    page.unroute("**/api/admin/dashboard*")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#foot")).to_contain_text("Version 1")


def test_when_the_server_is_gone_it_says_so(make_shop: Any, page: Page) -> None:
    shop = make_shop(YEAR)
    sign_in(page, shop)
    refresh(page)
    expect(page.locator("#foot")).to_contain_text("Version 1")
    shop.stop()
    refresh(page)
    expect(page.get_by_role("status")).to_contain_text("The server cannot be reached.")
    assert figure(page, "revenue") > 0


def test_a_viewer_is_told_whom_to_ask(make_shop: Any, page: Page) -> None:
    shop = make_shop(YEAR)
    sign_in(page, shop, "viewer@example.com")
    expect(page.get_by_role("heading", name="This page is for admins")).to_be_visible()
    expect(page.locator("#refresh")).to_be_hidden()


def test_an_empty_shop_says_what_to_do(make_shop: Any, page: Page) -> None:
    shop = make_shop()
    sign_in(page, shop)
    expect(page.get_by_role("heading", name="Nothing has come in yet")).to_be_visible()
    expect(page.locator("#empty-command")).to_contain_text("tallymark import orders.csv")
    expect(page.locator("#empty-command")).to_contain_text("--tenant harbour")


def test_nothing_sticks_out_on_a_phone_and_keys_reach_everything(make_shop: Any, page: Page) -> None:
    shop = make_shop(YEAR)
    page.set_viewport_size({"width": 360, "height": 740})
    sign_in(page, shop)
    refresh(page)
    expect(page.locator("#foot")).to_contain_text("Version 1")
    over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(over) == 0
    page.evaluate("document.activeElement.blur()")
    reached = set()
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                "document.activeElement.id || document.activeElement.className || document.activeElement.tagName"
            )
        )
    assert {"skip", "sign-out", "refresh", "SUMMARY", "scroll"} <= reached
    unnamed = """[...document.querySelectorAll('button, input, select, [role=region], table')].filter((e) =>
        e.checkVisibility() && e.tagName !== 'TABLE' && !(e.ariaLabel || e.labels?.length || e.textContent.trim()
        || e.getAttribute('aria-labelledby'))).map((e) => e.outerHTML)"""
    assert page.evaluate(unnamed) == []
