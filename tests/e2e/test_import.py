"""A new shop begins: its owner brings in files, sees what would come of them, and then the figures."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.conftest import Mall
from tests.e2e.test_page import AXE, FOUND, OVER, card, figure, sign_in

pytestmark = pytest.mark.xdist_group("browser")

YESTERDAY = (datetime.now(UTC) - timedelta(days=1)).strftime("%d.%m.%Y 12:00")
SALES = (
    "Bestellung;Datum;Artikelnummer;Bezeichnung;Stück;Preis;Kasse\n"
    f"1;{YESTERDAY};T1;Tee;2;1.204,50;A\n"
    f"1;{YESTERDAY};C9;Tasse;1;3,00;A\n"
    f"2;{YESTERDAY};C9;Tasse;zwei;3,00;B\n"
)
DROP = """([name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name));
  document.querySelector('.drop').dispatchEvent(new DragEvent('drop', {dataTransfer: data, bubbles: true}));
}"""


def test_an_owner_drops_a_file_mends_what_is_wrong_and_sees_the_figures(mall: Mall, page: Page) -> None:
    shop = mall.shop("kiosk")
    sign_in(page, shop)
    expect(page.get_by_text("Nothing has come in yet")).to_be_visible()
    page.locator(".drop").wait_for()
    page.evaluate(DROP, ["verkauf.csv", SALES])
    reading, outcome = card(page, "How they are read"), card(page, "What comes of it")
    expect(reading).to_contain_text("No preset knows these columns")
    lines = reading.get_by_role("region", name="Order items of verkauf.csv")
    expect(lines.get_by_label("Unit price of Order items")).to_have_value("column Preis")
    expect(lines.get_by_label("Amounts are written as")).to_have_value("comma")
    expect(lines.get_by_label("Line id of Order items")).to_have_value("numbered")

    # A column whose name it does not know has to be chosen, by key as well.
    expect(outcome.get_by_role("alert")).to_contain_text("quantity of order_items is not chosen yet")
    lines.get_by_label("Quantity of Order items").select_option(label="Stück")
    wrong = outcome.get_by_role("region", name="Rows that cannot be taken")
    expect(wrong.get_by_role("row")).to_have_count(2)
    expect(wrong).to_contain_text("verkauf.csv 4 quantity 'zwei' is not a whole number", use_inner_text=True)
    expect(outcome.get_by_role("button", name="Import")).to_be_disabled()
    looked_at(page)

    # The file is mended, dropped again, and read as was chosen.
    page.get_by_role("button", name="Take back verkauf.csv").click()
    expect(reading).to_have_count(0)
    page.get_by_label("Choose files").set_input_files(
        {"name": "verkauf.csv", "mimeType": "text/csv", "buffer": SALES.replace("zwei", "2").encode()}
    )
    lines.get_by_label("Quantity of Order items").select_option(label="Stück")
    expect(outcome).to_contain_text("Every row can be taken")
    expect(outcome.get_by_role("region", name="3 order items")).to_contain_text("1204.50")
    looked_at(page)
    outcome.get_by_role("button", name="Import").click()
    assert figure(page, "Net revenue") == 2418
    expect(page).to_have_url(f"{shop.address}/")
    expect(page.get_by_text("Nothing has come in yet")).to_have_count(0)


def test_a_viewer_finds_nothing_to_import(mall: Mall, page: Page) -> None:
    shop = mall.shop("stall")
    sign_in(page, shop, "viewer")
    expect(page.get_by_text("An admin of the shop brings in its orders")).to_be_visible()
    expect(page.locator(".drop")).to_have_count(0)
    expect(page.get_by_role("link", name="Import")).to_have_count(0)


def looked_at(page: Page) -> None:
    """What axe finds, and what reaches beyond the edge of a phone: nothing."""
    page.evaluate(AXE.read_text())
    assert page.evaluate(FOUND) == []
    page.set_viewport_size({"width": 360, "height": 740})
    page.wait_for_function("innerWidth === 360")
    assert page.evaluate(OVER) == []
    page.set_viewport_size({"width": 1280, "height": 900})
