"""How quickly each page of the dashboard shows its figures, in a real browser, from a running server.

    .venv/bin/tallymark demo &
    .venv/bin/python web/speed.py

Printed of each page, loaded anew with what the browser has kept: milliseconds until the first paint and until no figure
is on its way any more, how far the layout shifted (below 0.1 is good), milliseconds of tasks that held the page up
for more than 50, and requests of data.
"""

import argparse
from pathlib import Path

from pictures import HOME, PAGES, SETTLED
from playwright.sync_api import BrowserContext, Request, sync_playwright

# Counted by the browser from the first byte on.
WATCH = """
window.seen = {shift: 0, long: 0};
const watch = (type, note) =>
  new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({type, buffered: true});
watch('layout-shift', (entry) => { if (!entry.hadRecentInput) seen.shift += entry.value; });
watch('longtask', (entry) => { seen.long += entry.duration; });
"""
LATER = 1200
"""Milliseconds that a page is watched after its figures are there."""


def measure(context: BrowserContext, address: str) -> tuple[float, float, float, float, int]:
    """First paint, figures, layout shift, long tasks and requests of one page."""
    page, asked = context.new_page(), list[str]()

    def note(request: Request) -> None:
        if "/api/" in request.url or request.url.endswith("/graphql"):
            asked.append(request.url)

    page.on("request", note)
    page.goto(address)
    page.wait_for_function(SETTLED, timeout=90_000)
    figures = page.evaluate("performance.now()")
    page.wait_for_timeout(LATER)
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    seen = page.evaluate("seen")
    page.close()
    return paint, figures, seen["shift"], seen["long"], len(asked)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures every page of the dashboard.")
    parser.add_argument("--address", default="http://127.0.0.1:8000")
    parser.add_argument("--email", default="admin@example.com")
    parser.add_argument("--password-file", type=Path, default=HOME / "demo-password")
    parser.add_argument("--browser", default="/usr/bin/chromium")
    given = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=given.browser, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        page.goto(given.address)
        page.get_by_label("Email").fill(given.email)
        page.get_by_label("Password").fill(given.password_file.read_text().strip())
        page.keyboard.press("Enter")
        page.wait_for_function(SETTLED, timeout=90_000)
        context.add_init_script(WATCH)
        print(f"{'page':<16}{'paint ms':>10}{'figures ms':>12}{'shift':>8}{'long ms':>9}{'requests':>10}")
        for name, path in PAGES.items():
            paint, figures, shift, long, requests = measure(context, f"{given.address}{path}")
            print(f"{name:<16}{paint:>10.0f}{figures:>12.0f}{shift:>8.3f}{long:>9.0f}{requests:>10}")
        browser.close()


if __name__ == "__main__":
    main()
