"""Sources of records: a folder that grows, and one that plays up as interfaces do."""

import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import MakeTenant

from tallymark.connectors import (
    Connection,
    Page,
    Pause,
    Source,
    Trouble,
    Vault,
    as_batch,
    connect,
    connections,
    disconnect,
    folder_settings,
    nothing_new,
    sync,
)
from tallymark.db import Database, directory
from tallymark.errors import Conflict, ImportRefused, SettingsError, SourceFailed
from tallymark.ingest import Batch
from tallymark.model import Tenant

VAULT = Vault("k" * 32)
ORDERS = "order_id,placed_at\n{}\n"
LINES = "order_id,line_id,quantity,unit_price\n{}\n"


@pytest.fixture
def tenant(database: Database, make_tenant: MakeTenant) -> Tenant:
    make_tenant("harbour")
    with database.connect(None) as conn:
        return directory.find_tenant(conn, "harbour")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    (folder := tmp_path / "inbox").mkdir()
    return folder


@pytest.fixture
def folder(database: Database, tenant: Tenant, inbox: Path) -> Connection:
    with database.connect(tenant.tenant_id) as conn:
        return connect(conn, tenant, "till", "folder", folder_settings(inbox), by="me", vault=VAULT)


def again(database: Database, one: Connection) -> Connection:
    with database.connect(one.tenant.tenant_id) as conn:
        return next(found for found in connections(conn, one.tenant) if found.connection_id == one.connection_id)


def stored(database: Database, tenant: Tenant) -> list[tuple[str, int]]:
    """Each order with how many lines it has."""
    with database.connect(tenant.tenant_id) as conn:
        return conn.execute(
            "SELECT o.order_id, count(i.line_id) FROM orders o LEFT JOIN order_items i USING (placed_at, order_id)"
            " GROUP BY 1 ORDER BY 1"
        ).fetchall()


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)


def test_a_folder_that_grows(database: Database, folder: Connection, inbox: Path) -> None:
    tenant = folder.tenant
    write(inbox, orders=ORDERS.format("o1,2026-01-05"), order_items=LINES.format("o1,1,2,9.50"))
    first = sync(database, folder, VAULT)
    assert (first.ok, first.finished, first.pages, first.new, first.problems) == (True, True, 1, 2, [])
    assert stored(database, tenant) == [("o1", 1)]
    assert nothing_new(again(database, folder))
    # A bad set is told of, holds up nobody, and is tried again; a file of no kind is told of too.
    (inbox / "day").mkdir()
    (inbox / "day/orders.2.csv").write_text(ORDERS.format("o2,2026-01-06"))
    (inbox / "day/order_items.2.csv").write_text(LINES.format("o2,1,1,5\no2,2,many,5"))
    (inbox / "day/orders.3.json").write_text(json.dumps([{"order_id": "o3", "placed_at": "2026-01-07"}]))
    (inbox / "day/plan.csv").write_text("a\n1\n")
    (inbox / "day/.orders.4.csv").write_text("half")
    assert not nothing_new(again(database, folder))
    second = sync(database, again(database, folder), VAULT)
    assert second.problems == [
        "day/plan.csv: there is no kind of record called plan",
        "day/order_items.2.csv, day/orders.2.csv:"
        " order_items.2.csv, line 3, column quantity: 'many' is not a whole number",
    ]
    assert (second.pages, second.new, second.finished) == (1, 1, True)
    assert stored(database, tenant) == [("o1", 1), ("o3", 0)]
    told = again(database, folder)
    assert (told.status, told.last_error, told.mark) == ("failing", "\n".join(second.problems), None)
    (inbox / "day/plan.csv").unlink()
    (inbox / "day/order_items.2.csv").write_text(LINES.format("o2,1,1,5\no2,2,4,5"))
    third = sync(database, told, VAULT)
    assert (third.ok, third.pages, third.new) == (True, 1, 3)
    assert stored(database, tenant) == [("o1", 1), ("o2", 2), ("o3", 0)]
    assert (again(database, folder).status, again(database, folder).last_error) == ("connected", None)


def test_a_file_is_new_when_its_content_is(database: Database, folder: Connection, inbox: Path) -> None:
    write(inbox, orders=ORDERS.format("o1,2026-01-05"))
    sync(database, folder, VAULT)
    os.utime(inbox / "orders.csv", (1, 1))
    touched = sync(database, folder, VAULT)
    assert (touched.pages, touched.new + touched.changed + touched.unchanged) == (1, 0)
    assert sync(database, folder, VAULT).pages == 0
    write(inbox, orders=ORDERS.format("o1,2026-01-05\no2,2026-01-06"))
    grown = sync(database, folder, VAULT)
    assert (grown.new, grown.unchanged) == (1, 1)


def test_names_that_are_no_text_are_told_of(database: Database, folder: Connection, inbox: Path) -> None:
    (inbox / "orders.csv").write_bytes("order_id,placed_at,café\n".encode("latin-1"))
    Path(os.fsdecode(os.fsencode(inbox) + b"/caf\xe9.csv")).write_text("x\n")
    assert sync(database, folder, VAULT).problems == [
        "caf?.csv: there is no kind of record called caf?",
        "orders.csv: orders.csv, line 1: is not UTF-8; save the file with that encoding",
    ]
    assert again(database, folder).status == "failing"


def test_links_lead_nowhere_and_a_missing_folder_is_said(
    database: Database, folder: Connection, inbox: Path, tmp_path: Path
) -> None:
    (tmp_path / "orders.csv").write_text(ORDERS.format("secret,2026-01-05"))
    (inbox / "orders.csv").symlink_to(tmp_path / "orders.csv")
    assert sync(database, folder, VAULT).pages == 0
    (inbox / "orders.csv").unlink()
    inbox.rmdir()
    assert sync(database, folder, VAULT).problems == [f"folder: {inbox}: there is no such folder."]
    assert again(database, folder).status == "failing"


def test_names_are_taken_once_and_what_goes_leaves_its_records(
    database: Database, folder: Connection, inbox: Path
) -> None:
    write(inbox, orders=ORDERS.format("o1,2026-01-05"))
    sync(database, folder, VAULT)
    with database.connect(folder.tenant.tenant_id) as conn:
        with pytest.raises(Conflict):
            connect(conn, folder.tenant, "till", "folder", folder.settings, by="me", vault=VAULT)
        disconnect(conn, folder)
        assert connections(conn, folder.tenant) == []
    assert stored(database, folder.tenant) == [("o1", 0)]


class Interface:
    """A source with pages behind a cursor: it asks for rest, sends a bad record, and breaks off where it is told."""

    kind = "interface"

    def __init__(self, pages: int = 4) -> None:
        self.pages_there, self.breaks_at, self.asked, self.rest = pages, pages + 1, [0], 0.0
        self.opened = threading.Event()

    def check(self, source: Source) -> str:
        return "there"

    def mark(self, source: Source) -> str | None:
        return None

    def pages(self, source: Source, done: Mapping[str, Any]) -> Iterator[Page | Pause | Trouble]:
        for number in range(done.get("orders", {"page": 0})["page"] + 1, self.pages_there + 1):
            self.asked.append(number)
            if number == self.breaks_at:
                raise SourceFailed("The interface does not answer.")
            yield Pause(self.rest)
            yield Page(f"page {number}", lambda number=number: self._open(source, number), {"orders": {"page": number}})  # type: ignore[misc]

    @contextmanager
    def _open(self, source: Source, number: int) -> Iterator[Batch]:
        records = {"orders": [{"order_id": f"o{number}", "placed_at": "2026-01-05", "test": False}]}
        yield as_batch(source.platform, records, f"page {number}")
        if self.opened.is_set():
            raise ImportRefused([], message="The page was sent anew.")


def test_a_sync_goes_on_where_it_ended(database: Database, folder: Connection) -> None:
    source = Interface()
    source.breaks_at = 3
    broken = sync(database, folder, VAULT, connector=source)
    assert (broken.pages, broken.finished, broken.problems) == (2, False, ["folder: The interface does not answer."])
    source.breaks_at, source.rest = 9, 3600.0
    assert sync(database, folder, VAULT, connector=source).pages == 0
    source.rest = 0.0
    rested = sync(database, folder, VAULT, connector=source)
    assert (rested.pages, rested.finished, rested.ok) == (2, True, True)
    assert source.asked == [0, 1, 2, 3, 3, 3, 4]
    assert stored(database, folder.tenant) == [("o1", 0), ("o2", 0), ("o3", 0), ("o4", 0)]


def test_what_a_page_raises_at_its_end_takes_its_records_back(database: Database, folder: Connection) -> None:
    source = Interface(1)
    source.opened.set()
    refused = sync(database, folder, VAULT, connector=source)
    assert (refused.pages, refused.problems) == (0, ["page 1: The page was sent anew."])
    assert stored(database, folder.tenant) == []
    source.opened.clear()
    assert sync(database, folder, VAULT, connector=source).new == 1
    assert sync(database, folder, VAULT, connector=Interface(3), stopping=lambda: True).finished is False


def test_one_sync_at_a_time(database: Database, folder: Connection) -> None:
    class Slow(Interface):
        def pages(self, source: Source, done: Mapping[str, Any]) -> Iterator[Page | Pause | Trouble]:
            with pytest.raises(Conflict, match="is being synced already"):
                sync(database, folder, VAULT, connector=Interface())
            yield from super().pages(source, done)

    assert sync(database, folder, VAULT, connector=Slow()).pages == 4


def test_secrets_are_sealed_for_their_place_and_keys_can_be_changed(database: Database, tenant: Tenant) -> None:
    secret = {"token": "a secret that nobody may read"}
    with database.connect(tenant.tenant_id) as conn:
        one = connect(conn, tenant, "shop", "folder", {"path": "."}, by="me", vault=VAULT, secrets=secret)
    assert "nobody may read" not in repr(one) + str(one.sealed)
    assert one.source(VAULT).secrets == secret
    newer = Vault("n" * 32, ["k" * 32])
    sync(database, one, newer, connector=Interface(1))
    renewed = again(database, one)
    assert renewed.sealed != one.sealed
    assert renewed.source(Vault("n" * 32)).secrets == secret
    with pytest.raises(SettingsError, match="another TALLYMARK_SECRET_KEY"):
        renewed.source(VAULT)
    with pytest.raises(SettingsError, match="changed or moved"):
        newer.open(str(renewed.sealed), "connections/9/9")
