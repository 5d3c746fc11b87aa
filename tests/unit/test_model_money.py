from decimal import Decimal

import pytest

from tallymark.model import exact_json
from tallymark.model.money import exact, exponent, rounded


@pytest.mark.parametrize(
    ("amount", "currency", "printed"),
    [
        ("150", "EUR", "150.00"),
        ("10666684.544", "USD", "10666684.544"),
        ("1.5000", "USD", "1.50"),
        ("0.001", "GBP", "0.001"),
        ("1E+3", "EUR", "1000.00"),
        ("150", "JPY", "150"),
        ("150.5", "JPY", "150.5"),
        ("1", "KWD", "1.000"),
        ("-0.00", "EUR", "0.00"),
    ],
)
def test_exact_keeps_every_digit_and_fills_up_to_the_currency(amount, currency, printed):
    assert str(exact(Decimal(amount), currency)) == printed


@pytest.mark.parametrize(
    ("amount", "currency", "printed"),
    [
        ("29.125", "EUR", "29.12"),
        ("29.135", "EUR", "29.14"),
        ("-0.001", "EUR", "0.00"),
        ("2.5", "JPY", "2"),
        ("3.5", "JPY", "4"),
        ("1.0005", "TND", "1.000"),
    ],
)
def test_averages_are_rounded_half_even(amount, currency, printed):
    assert str(rounded(Decimal(amount), currency)) == printed


def test_money_must_be_a_number():
    with pytest.raises(ValueError, match="NaN is not an amount of money"):
        exact(Decimal("NaN"), "EUR")


def test_exponents_are_those_of_iso_4217():
    assert [exponent(currency) for currency in ("EUR", "JPY", "BHD", "CLF")] == [2, 0, 3, 4]


def test_a_decimal_keeps_its_digits_in_json_and_back():
    text = '{"a":150.00,"b":[10666684.544,1],"c":"é"}'
    assert exact_json.dumps(exact_json.loads(text)) == text
