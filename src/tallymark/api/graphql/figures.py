"""The type of a metric's answer: a field for each column, with what the metric's file says of it.

Money is told twice: as a Float to draw with and, where the name ends in Exact, with every digit.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import reduce
from keyword import iskeyword
from typing import Any, Optional

import strawberry
from pydantic.alias_generators import to_pascal
from strawberry.annotation import StrawberryAnnotation
from strawberry.tools import create_type
from strawberry.types.field import StrawberryField

from tallymark.metrics import Column, printed_name

EXACT = "Exact"
NAME = re.compile(r"(?!__)[_A-Za-z][_0-9A-Za-z]*")
MONEY = {"money", "average"}
TYPES: Mapping[str, Any] = {
    "money": float,
    "average": float,
    "count": int,
    "percent": float,
    "ratio": float,
    "text": str,
    "id": strawberry.ID,
    "period": str,
    "month": str,
    "day": str,
    "instant": datetime,
}
Path = tuple[str, ...]
Row = Mapping[str, Any]


def field(name: str, kind: Any, description: str | None = None, **more: Any) -> StrawberryField:
    """A field that reads what its source, a mapping, holds under the name; or what `base_resolver` gives."""
    return StrawberryField(
        python_name=f"{name}_" if iskeyword(name) else name,
        graphql_name=name,
        type_annotation=StrawberryAnnotation(kind),
        description=description,
        **more,
    )


def is_name(text: str) -> bool:
    """Whether GraphQL can call something so: what it cannot is left to REST."""
    return NAME.fullmatch(text) is not None


def read(source: Row, name: str) -> Any:
    """What a field without a resolver gives; a word of Python's cannot be the name of an attribute."""
    return source[name.removesuffix("_")]


def several(kind: Any) -> Any:
    return list[kind]


def optional(kind: Any) -> Any:
    return Optional[kind]  # noqa: UP045  a type made at run time


class Figures:
    """The columns of a metric, or of one group of them, as a type and as the rows that type reads.

    `further` names columns by another name, besides their own.
    """

    def __init__(self, name: str, columns: Mapping[Path, Column], further: Mapping[str, Path] | None = None) -> None:
        columns = {path: column for path, column in columns.items() if all(map(is_name, path))}
        own = {printed_name(path[0]): path for path in columns if len(path) == 1}
        names = own | dict(further or {})
        self._figures = {told: columns[path] for told, path in names.items() if path in columns}
        self._copies = {told: _keys(path) for told, path in names.items() if path in columns and told not in own}
        self._copies |= {
            told + EXACT: self._copies.get(told, (told,)) for told, column in self._figures.items() if _is_money(column)
        }
        self._groups = {
            printed_name(first): Figures(name + to_pascal(first), _below(columns, first))
            for first in dict.fromkeys(path[0] for path in columns if len(path) > 1)
        }
        self._name = name

    def fields(self) -> list[StrawberryField]:
        told = [one for name, column in self._figures.items() for one in _told(name, column)]
        groups = [
            field(name, optional(create_type(group._name, group.fields()))) for name, group in self._groups.items()
        ]
        return told + groups

    def row(self, data: Row) -> dict[str, Any]:
        """One row of the answer with every name of the type."""
        whole = {**data, **{name: _at(data, path) for name, path in self._copies.items()}}
        for name, group in self._groups.items():
            if whole[name] is not None:
                whole[name] = group.row(whole[name])
        return whole


def _told(name: str, column: Column) -> list[StrawberryField]:
    kinds = {name: TYPES[column.kind]} | ({name + EXACT: Decimal} if _is_money(column) else {})
    return [
        field(told, optional(kind) if column.nullable else kind, description=column.doc) for told, kind in kinds.items()
    ]


def _is_money(column: Column) -> bool:
    return column.kind in MONEY


def _keys(path: Path) -> Path:
    return tuple(printed_name(part) for part in path)


def _at(data: Row, path: Path) -> Any:
    return reduce(lambda within, part: None if within is None else within[part], path, data)


def _below(columns: Mapping[Path, Column], first: str) -> dict[Path, Column]:
    return {path[1:]: column for path, column in columns.items() if path[0] == first and len(path) > 1}
