"""Figures for people: every digit, in columns."""

from decimal import Decimal

import pytest

from tallymark.cli import tables
from tallymark.cli.progress import progress


def test_an_object_is_names_and_figures(capsys: pytest.CaptureFixture[str]) -> None:
    tables.show_data({"grossSales": Decimal("10666684.544"), "growth": {"netSales": None}, "orders": 3})
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["gross", "sales", "10,666,684.544"],
        ["growth:", "net", "sales", "–"],
        ["orders", "3"],
    ]


def test_rows_are_a_table_that_is_never_cut(capsys: pytest.CaptureFixture[str]) -> None:
    name = "a name that is longer than any terminal is wide " * 3
    tables.show_data([{"name": name.strip(), "totalSold": 1234}, {"name": "[red]", "totalSold": 5}])
    head, first, second = capsys.readouterr().out.splitlines()
    assert head.split() == ["name", "total", "sold"]
    assert first.split("  ")[0] == name.strip()
    assert first.rstrip().endswith("1,234")
    assert second.split() == ["[red]", "5"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "0 s"), (59, "59 s"), (90, "1 minute"), (7200, "2 hours"), (86_400 * 3 + 5, "3 days")],
)
def test_ages_are_in_their_largest_unit(seconds: float, words: str) -> None:
    assert tables.ago(seconds) == words


def test_progress_is_plain_lines_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    with progress() as report:
        for done in range(1, 1000):
            report("Reading orders.csv", done)
        report("Writing orders", 1, 2)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == "Reading orders.csv\nWriting orders\n"
