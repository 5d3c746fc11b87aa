"""One figure on its way out: typed, in its bounds, rounded by its kind."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tallymark.errors import InvalidResult
from tallymark.metrics.figure import figure
from tallymark.metrics.metric import Column


@pytest.mark.parametrize(
    ("kind", "value", "printed"),
    [
        ("money", Decimal("10666684.544"), "10666684.544"),
        ("money", Decimal(150), "150.00"),
        ("average", Decimal("29.125"), "29.12"),
        ("count", Decimal(3), "3"),
        ("percent", Decimal("66.6666"), "66.67"),
        ("ratio", Decimal("-0.58974"), "-0.5897"),
        ("month", date(2026, 3, 1), "2026-03"),
        ("day", date(2026, 3, 1), "2026-03-01"),
        ("instant", datetime(2026, 3, 1, 12, tzinfo=UTC), "2026-03-01T12:00:00Z"),
        ("id", "p1", "p1"),
    ],
)
def test_each_kind_is_printed_its_own_way(kind, value, printed):
    assert str(figure("m", Column("x", kind, ""), value, "EUR")) == printed


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        (Column("x", "money", ""), None, "m: x must not be unknown."),
        (Column("x", "money", ""), 1.5, "m: x cannot be 1.5, it is a money."),
        (Column("x", "money", ""), Decimal("NaN"), "m: x cannot be Decimal('NaN'), it is a money."),
        (Column("x", "count", ""), Decimal("1.5"), "m: x cannot be Decimal('1.5'), it is a count."),
        (Column("x", "count", ""), True, "m: x cannot be True, it is a count."),
        (Column("x", "count", "", min=Decimal(0)), -1, "m: x must not be -1, below 0."),
        (Column("x", "text", ""), 3, "m: x cannot be 3, it is a text."),
        (Column("x", "day", ""), datetime(2026, 3, 1, tzinfo=UTC), "m: x cannot be datetime.datetime(2026"),
    ],
)
def test_what_cannot_be_true_is_refused(column, value, message):
    with pytest.raises(InvalidResult, match=re.escape(message)):
        figure("m", column, value, "EUR")


def test_unknown_stays_unknown():
    assert figure("m", Column("x", "money", "", nullable=True), None, "EUR") is None
