import re
from decimal import Decimal

import pytest

from tallymark.model import exact_json
from tallymark.model.money import CURRENCIES, EXPONENTS, exact, exponent, rounded, wrong_code


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


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("EUR", None),
        ("XAF", None),
        ("eur", "There is no currency 'eur'. Did you mean EUR?"),
        (" GBP", "There is no currency ' GBP'. Did you mean GBP?"),
        ("Pounds", "There is no currency 'Pounds'. It is three capital letters such as GBP."),
        ("", "There is no currency ''. It is three capital letters such as GBP."),
    ],
)
def test_a_code_that_is_no_currency_is_told_with_what_may_be_meant(code, wrong):
    assert wrong_code(code) == wrong


def test_a_slip_of_one_letter_names_currencies_that_exist():
    meant = re.findall(r"[A-Z]{3}", wrong_code("GBO").partition("mean")[2])
    assert "GBP" in meant
    assert CURRENCIES.issuperset(meant)


def test_every_exponent_is_of_a_currency():
    assert CURRENCIES.issuperset(EXPONENTS)


def test_exponents_are_those_of_iso_4217():
    assert [exponent(currency) for currency in ("EUR", "JPY", "BHD", "CLF")] == [2, 0, 3, 4]


def test_a_decimal_keeps_its_digits_in_json_and_back():
    text = '{"a":150.00,"b":[10666684.544,1],"c":"é"}'
    assert exact_json.dumps(exact_json.loads(text)) == text
