"""Draws every page of the dashboard, in each theme and width and in its states, from a running server.

    .venv/bin/tallymark demo &
    .venv/bin/python web/pictures.py pictures
    .venv/bin/python web/pictures.py docs/pictures overview-light sales-dark overview-light-phone

Signs in as the demo's admin, whose password stands in the home. Give other arguments for another server.
"""

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, Route, sync_playwright

HOME = Path(os.environ.get("TALLYMARK_HOME", ".tallymark"))
PAGES = {
    "overview": "/",
    "sales": "/sales?range=90d&compare=year",
    "products": "/products",
    "customers": "/customers",
    "profitability": "/profitability",
    "inventory": "/inventory",
    "activity": "/activity",
    "freshness": "/freshness",
    "jobs": "/jobs",
    "performance": "/performance",
    "import": "/import",
    "settings": "/settings",
}
# Nothing on the page is still on its way.
SETTLED = """() => document.querySelector('main .card, main .state')
  && !document.querySelector('.skeleton, [aria-busy=true]')"""
HELD: list[Route] = []
WIDTHS = {"": (1440, 900), "-wide": (2200, 1200), "-phone": (360, 740)}


@dataclass(frozen=True)
class Shot:
    name: str
    path: str
    theme: str = "light"
    size: tuple[int, int] = (1440, 900)
    before: Callable[[Page], None] = lambda page: None
    after: Callable[[Page], None] = lambda page: None
    whole: bool = True


def failing(page: Page) -> None:
    problem = '{"code": "database_unavailable", "message": "The database cannot be reached."}'

    def fail(route: Route) -> None:
        route.fulfill(status=500, content_type="application/problem+json", body=problem)

    page.route("**/graphql", fail)


def waiting(page: Page) -> None:
    page.route("**/graphql", lambda route: HELD.append(route))


def first_product(page: Page) -> None:
    page.locator(".big-rows a").first.click()
    page.locator(".product-page").wait_for()
    page.wait_for_function(SETTLED)


def shots() -> list[Shot]:
    every = [
        Shot(f"{name}-{theme}{width}", path, theme, size)
        for name, path in PAGES.items()
        for theme in ("light", "dark")
        for width, size in WIDTHS.items()
    ]
    return [
        *every,
        Shot("overview-year", "/?range=year"),
        Shot("overview-today", "/?range=today"),
        Shot("overview-none", "/?from=2019-01-01&to=2019-01-07"),
        Shot("overview-mid", "/", size=(1280, 800)),
        Shot("overview-print", "/", size=(720, 1000), after=lambda page: page.emulate_media(media="print")),
        Shot("sales-print", "/sales", size=(720, 1000), after=lambda page: page.emulate_media(media="print")),
        Shot("product", "/products", after=first_product),
        Shot("overview-failed", "/", before=failing),
        Shot("overview-loading", "/", before=waiting),
        Shot("range", "/", after=lambda page: page.get_by_role("button", name="Last 28 days").click(), whole=False),
        Shot("palette", "/", "dark", after=lambda page: page.keyboard.press("Control+k"), whole=False),
        Shot("keys", "/", after=lambda page: page.keyboard.press("?"), whole=False),
        Shot("tip", "/sales", after=lambda page: page.locator(".plot").first.hover(), whole=False),
        Shot("table", "/", after=lambda page: page.get_by_role("button", name="Month by month as a table").click()),
    ]


def draw(browser: Browser, address: str, state: str, shot: Shot, out: Path) -> None:
    width, height = shot.size
    context = browser.new_context(
        storage_state=state,
        viewport={"width": width, "height": height},
        color_scheme="dark" if shot.theme == "dark" else "light",
        reduced_motion="reduce",
        locale="en-GB",
    )
    page = context.new_page()
    shot.before(page)
    page.goto(f"{address}{shot.path}")
    page.locator("main").wait_for()
    if shot.before is waiting:
        page.wait_for_timeout(500)
    else:
        page.wait_for_function(SETTLED, timeout=90_000)
    shot.after(page)
    page.wait_for_timeout(300)
    if shot.whole:
        # As tall as the page is: what stands beside it reaches down with it.
        page.set_viewport_size({"width": width, "height": page.evaluate("document.documentElement.scrollHeight")})
        page.wait_for_timeout(100)
    page.screenshot(path=out / f"{shot.name}.png")
    while HELD:
        HELD.pop().abort()
    page.unroute_all(behavior="ignoreErrors")
    context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="Draws every page of the dashboard.")
    parser.add_argument("out", type=Path)
    parser.add_argument("names", nargs="*", help="only these pictures")
    parser.add_argument("--address", default="http://127.0.0.1:8000")
    parser.add_argument("--email", default="admin@example.com")
    parser.add_argument("--password-file", type=Path, default=HOME / "demo-password")
    parser.add_argument("--browser", default="/usr/bin/chromium")
    given = parser.parse_intermixed_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=given.browser, args=["--no-sandbox"])
        page = browser.new_page(locale="en-GB")
        page.goto(given.address)
        page.get_by_label("Email").fill(given.email)
        if not given.names or "sign-in" in given.names:
            page.screenshot(path=given.out / "sign-in.png")
        page.get_by_label("Password").fill(given.password_file.read_text().strip())
        page.keyboard.press("Enter")
        page.locator(".shell").wait_for()
        state = page.context.storage_state()
        for shot in shots():
            if not given.names or shot.name in given.names:
                draw(browser, given.address, state, shot, given.out)
        browser.close()


if __name__ == "__main__":
    main()
