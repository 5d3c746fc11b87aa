"""How an amount of money is printed. Amounts are exact decimals in the tenant's currency, never floats."""

from decimal import ROUND_HALF_EVEN, Context, Decimal
from difflib import get_close_matches
from functools import cache

# The codes of ISO 4217 that goods are priced in, those withdrawn since 2020 and its units of account too.
CURRENCIES = frozenset(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLF
    CLP CNY COP CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK
    HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA
    MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB
    RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD
    UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG ZWL
    """.split()  # noqa: SIM905 (a list of strings would be ten times as long)
)

# Decimal places of the currencies of ISO 4217 whose minor unit is not a hundredth.
# fmt: off
EXPONENTS = {
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0,
    "RWF": 0, "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
    "CLF": 4, "UYW": 4,
}
# fmt: on

# Enough digits that no amount PostgreSQL's NUMERIC can plausibly hold is rounded by the way.
_WIDE = Context(prec=200, rounding=ROUND_HALF_EVEN)


def exponent(currency: str) -> int:
    """Decimal places of the currency's minor unit: 2 for EUR, 0 for JPY, 3 for KWD."""
    return EXPONENTS.get(currency, 2)


def wrong_code(currency: str) -> str | None:
    """What is wrong with a currency's code, and which may have been meant; None where it is one of ISO 4217."""
    if currency in CURRENCIES:
        return None
    written = currency.strip().upper()
    meant = [written] if written in CURRENCIES else _like(written)
    known = f"Did you mean {' or '.join(meant)}?" if meant else "It is three capital letters such as GBP."
    return f"There is no currency {currency!r}. {known}"


def _like(code: str) -> list[str]:
    """Up to three currencies written much like it, those of the same first letter before others."""
    near = get_close_matches(code, sorted(CURRENCIES), len(CURRENCIES))
    return sorted(near, key=lambda each: each[0] != code[0])[:3]


def exact(amount: Decimal, currency: str) -> Decimal:
    """The amount with every digit it has, and at least as many places as its currency: 150 is 150.00."""
    fixed = rounded(amount, currency)
    return fixed if fixed == amount else to_places(amount, _places(amount))


def rounded(amount: Decimal, currency: str) -> Decimal:
    """The amount at its currency's exponent, rounded half even. For averages; sums stay exact."""
    return to_places(amount, exponent(currency))


def to_places(number: Decimal, places: int) -> Decimal:
    """The number with so many decimal places, rounded half even; zero has no sign."""
    fixed = number.quantize(_last_place(places), context=_WIDE)
    return fixed if fixed else abs(fixed)


@cache
def _last_place(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)


def _places(amount: Decimal) -> int:
    scale = amount.normalize(_WIDE).as_tuple().exponent
    if not isinstance(scale, int):
        raise ValueError(f"{amount} is not an amount of money")
    return max(0, -scale)
