"""The kinds of record that come in, declared once: staging, checks, merge and documentation read it.

The list is in order of dependence: a kind stands after those it refers to.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Type(StrEnum):
    """What a value may be. The words are the ones an analyst reads in the documentation."""

    ID = "id"
    TEXT = "text"
    CURRENCY = "currency"
    FOREIGN_CURRENCY = "another currency"
    MONEY = "money"
    RATE = "number above 0"
    COUNT = "whole number"
    INSTANT = "instant"
    DAY = "day"
    BOOLEAN = "yes/no"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a kind. `default` is what an empty value becomes; `about` is for the documentation."""

    name: str
    type: Type
    required: bool = False
    default: str | None = None
    choices: tuple[str, ...] = ()
    about: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record. Its name is its table's name.

    `key` identifies a record within a tenant and platform; one that is `shared` is of all the tenant's platforms.
    `newest` names the instant that decides which of
    two records with the same key is kept; without it, the last import wins.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    newest: str | None = None
    shared: bool = False

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.required)

    def __getitem__(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)


def _id(name: str, required: bool = False, about: str = "", default: str | None = None) -> Column:
    return Column(name, Type.ID, required, default, about=about)


def _text(name: str, required: bool = False, about: str = "") -> Column:
    return Column(name, Type.TEXT, required, about=about)


def _money(name: str, required: bool = False, about: str = "", default: str | None = None) -> Column:
    return Column(name, Type.MONEY, required, default, about=about)


def _count(name: str, required: bool = False, about: str = "", default: str | None = None) -> Column:
    return Column(name, Type.COUNT, required, default, about=about)


def _instant(name: str, required: bool = False, about: str = "") -> Column:
    return Column(name, Type.INSTANT, required, about=about)


def _yes_no(name: str, default: str, about: str = "") -> Column:
    return Column(name, Type.BOOLEAN, default=default, about=about)


def _choice(
    name: str, choices: tuple[str, ...], required: bool = False, about: str = "", default: str | None = None
) -> Column:
    return Column(name, Type.CHOICE, required, default, choices, about)


_ALL = (
    Kind(
        "categories",
        (
            _id("category_id", required=True),
            _text("name", required=True),
            _id("parent_id", about="the category above"),
        ),
        key=("category_id",),
    ),
    Kind(
        "products",
        (
            _id("product_id", required=True),
            _text("sku"),
            _text("name"),
            _id("category_id"),
            _money("cost", about="what one unit costs the shop now"),
            _money("price", about="list price now"),
            _yes_no("active", default="true"),
            _instant("created_at"),
        ),
        key=("product_id",),
    ),
    Kind(
        "customers",
        (
            _id("customer_id", required=True),
            _text("name"),
            _text("email"),
            _text("segment"),
            _instant("created_at"),
        ),
        key=("customer_id",),
    ),
    Kind(
        "sales_reps",
        (
            _id("sales_rep_id", required=True),
            _text("name"),
            _text("email"),
            _text("region"),
            _money("commission_rate", about="share of net sales: 0.05 is 5 %"),
        ),
        key=("sales_rep_id",),
    ),
    Kind(
        "orders",
        (
            _id("order_id", required=True),
            _instant("placed_at", required=True),
            _choice("status", ("pending", "completed", "cancelled"), default="completed"),
            _id("customer_id", about="empty for a guest"),
            _id("sales_rep_id"),
            Column("currency", Type.CURRENCY, about="of all its amounts; empty means the tenant's own"),
            _money("total_amount", about="empty means lines − discount + shipping + tax"),
            _money("discount", default="0", about="what is not on the lines already"),
            _money("shipping", default="0"),
            _money("tax", about="of the whole order; empty means the sum of its lines' taxes"),
            _instant("cancelled_at"),
            _yes_no("test", default="false", about="a test order is never counted"),
        ),
        key=("order_id",),
    ),
    Kind(
        "order_items",
        (
            _id("order_id", required=True, about="an order of this import, or one imported before"),
            _id("line_id", required=True, about="unique within its order"),
            _id("product_id"),
            _count("quantity", required=True),
            _money("unit_price", required=True),
            _money("unit_cost", about="what one unit cost the shop when it was sold, in the order's currency"),
            _money("discount", default="0", about="for the whole line"),
            _money("tax", default="0", about="for the whole line"),
        ),
        key=("order_id", "line_id"),
    ),
    Kind(
        "refunds",
        (
            _id("refund_id", required=True),
            _id("line_id", default="", about="empty for a refund that is not by line"),
            _id("order_id", about="may be empty, or an order that is not known"),
            _id("product_id"),
            _id("customer_id"),
            _instant("refunded_at", required=True),
            _count("quantity", default="0", about="units that came back"),
            _money("amount", required=True, about="positive: what was given back, in the order's currency"),
        ),
        key=("refund_id", "line_id"),
    ),
    Kind(
        "exchange_rates",
        (
            Column("currency", Type.FOREIGN_CURRENCY, required=True, about="any but the tenant's own"),
            Column("day", Type.DAY, required=True, about="local; the rate holds until the next one's day"),
            Column("rate", Type.RATE, required=True, about="what one unit is worth in the tenant's currency"),
        ),
        key=("currency", "day"),
        shared=True,
    ),
    Kind(
        "expenses",
        (
            _id("expense_id", required=True),
            _instant("incurred_at", required=True),
            _text("category", required=True),
            _money("amount", required=True),
            _text("description"),
        ),
        key=("expense_id",),
    ),
    Kind(
        "inventory_levels",
        (
            _id("product_id", required=True),
            _id("location", required=True),
            _count("on_hand", required=True),
            _count("reserved", default="0"),
            _count("incoming", default="0"),
            _instant("counted_at", required=True, about="an older count never replaces a newer one"),
        ),
        key=("product_id", "location"),
        newest="counted_at",
    ),
    Kind(
        "activity",
        (
            _id("activity_id", required=True),
            _instant("occurred_at", required=True),
            _choice("kind", ("visit", "signup", "view", "cart", "checkout"), required=True),
            _id("visitor_id"),
            _id("user_id"),
            _id("product_id"),
        ),
        key=("activity_id",),
    ),
)

KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _ALL})
