"""Long arrays as PostgreSQL reads them."""

from collections.abc import Iterable


def text_array(values: Iterable[str]) -> str:
    """The literal of a text array, to be cast to the array's type; None of them may be null.

    The driver writes a list value by value, which for thousands of keys takes longer than looking them up.
    """
    written = [*values]
    if not written:
        return "{}"
    separated = "\0".join(written)  # No text in PostgreSQL holds one.
    escaped = separated.replace("\\", "\\\\").replace('"', '\\"').replace("\0", '","')
    return f'{{"{escaped}"}}'
