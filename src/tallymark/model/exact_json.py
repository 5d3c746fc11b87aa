"""JSON in which a decimal keeps its digits: 150.00 goes out and comes back as 150.00, not as 150.0."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import simplejson

_COMPACT = simplejson.JSONEncoder(use_decimal=True, ensure_ascii=False, separators=(",", ":"))
_SORTED = simplejson.JSONEncoder(use_decimal=True, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def dumps(value: object) -> str:
    """Compact JSON; decimals are numbers with the digits they have."""
    return _COMPACT.encode(value)


def canonical(value: Mapping[str, object]) -> str:
    """The same with sorted keys: equal mappings give equal text."""
    return _SORTED.encode(value)


def loads(text: str | bytes) -> Any:
    return simplejson.loads(text, use_decimal=True)


def raw(text: str) -> object:
    """JSON text that `dumps` puts in as it is."""
    return simplejson.RawJSON(text)


def instant(at: datetime | None) -> str | None:
    """ISO 8601 in UTC, as it is printed everywhere: 2026-03-05T14:00:00.25Z."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
