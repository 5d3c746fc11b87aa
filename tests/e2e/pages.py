"""How the pages are read and what is looked for on all of them."""

import re
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Locator, Page, expect
from tests.e2e.conftest import PASSWORD, Shop

# What reaches beyond the right edge and is not within something that scrolls or hides it.
OVER = """() => {
  const out = (element) => element.getBoundingClientRect().right > innerWidth + 1;
  const held = (element) => element && ((getComputedStyle(element).overflowX !== 'visible' && !out(element))
    || held(element.parentElement));
  return [...document.body.querySelectorAll('*')].filter((element) => out(element) && !held(element))
    .map((element) => element.outerHTML.slice(0, 200))
}"""
# What lies over its neighbours because its card is too narrow for it.
SPILT = """() => {
  const right = (element) => element.getBoundingClientRect().right;
  const held = (element, card) => element !== card
    && (getComputedStyle(element).overflowX !== 'visible' || held(element.parentElement, card));
  return [...document.querySelectorAll('main .card *:not(.unseen)')].filter((element) => {
    const card = element.closest('.card');
    return right(element) > right(card) + 1 && !held(element.parentElement, card);
  }).map((element) => element.outerHTML.slice(0, 200))
}"""
# What axe finds once nothing moves any more.
FOUND = """Promise.allSettled(document.getAnimations().map(({finished}) => finished)).then(() => axe.run())
  .then(({violations}) => violations.map((v) => [v.id, v.nodes.map((n) => n.html)]))"""
# Notes every state that each step shows, in order.
RECORD = """() => {
  window.seen = [];
  const note = () => document.querySelectorAll('.steps li').forEach((step, place) => {
    const last = window.seen.findLast((entry) => entry[0] === place);
    if (last?.[1] !== step.dataset.state) window.seen.push([place, step.dataset.state]);
  });
  new MutationObserver(note).observe(document.body, { attributes: true, childList: true, subtree: true });
}"""


def sign_in(page: Page, shop: Shop, who: str = "admin", path: str = "/", password: str = PASSWORD) -> None:
    page.goto(f"{shop.address}{path}")
    fill_in(page, shop, who, password)


def fill_in(page: Page, shop: Shop, who: str = "admin", password: str = PASSWORD) -> None:
    page.get_by_label("Email").fill(f"{who}@{shop.tenant.slug}.example")
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")


def card(page: Page, title: str) -> Locator:
    return page.get_by_role("region", name=title, exact=True)


def figure(page: Page, title: str) -> float:
    shown = card(page, title).locator(".figure")
    expect(shown).to_be_visible()
    expect(card(page, title)).not_to_have_attribute("aria-busy", "true")
    return float(re.sub(r"[^\d.-]", "", shown.inner_text()))


def point_at(page: Page, chart: Locator) -> None:
    """Until it tells what is there: a chart that is just drawn anew, for another width, takes the tip away."""
    tip = page.locator(".tip")
    for _ in range(10):
        page.mouse.move(0, 0)
        chart.hover()
        with suppress(AssertionError):
            return expect(tip).to_be_visible(timeout=1_000)
    expect(tip).to_be_visible()


def nothing(page: Page, sought: str, where: str) -> None:
    """Charts are drawn anew for another width a moment after it; then nothing of what is sought is found."""
    with suppress(PlaywrightError):
        page.wait_for_function(f"() => ({sought})().length === 0", timeout=10_000)
    assert page.evaluate(sought) == [], where


def sheets(book: Path) -> list[list[list[str]]]:
    """The cells of each sheet that the browser wrote, row by row; the parts of the book are whole."""
    with ZipFile(book) as packed:
        assert packed.testzip() is None
        parts = {name: ElementTree.fromstring(packed.read(name)) for name in packed.namelist()}
    found = [part for name, part in parts.items() if "sheets/" in name]
    return [[["".join(cell.itertext()) for cell in row] for row in sheet.iterfind(".//{*}row")] for sheet in found]
