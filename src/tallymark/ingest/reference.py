"""The reference of the kinds, for the documentation."""

from tallymark.ingest.kinds import KINDS, Column, Kind


def markdown() -> str:
    """A section per kind: its key, and a table of its columns."""
    return "\n".join(_section(kind) for kind in KINDS.values())


def _section(kind: Kind) -> str:
    key = " + ".join(f"`{name}`" for name in kind.key)
    rows = "\n".join(
        f"| `{column.name}` | {_type(column)} | {_when_empty(column)} | {column.about} |" for column in kind
    )
    head = "| column | type | when empty | |\n| --- | --- | --- | --- |"
    return f"### {kind.name}\n\nKey: {key}\n\n{head}\n{rows}\n"


def _type(column: Column) -> str:
    return ", ".join(f"`{choice}`" for choice in column.choices) or column.type.value


def _when_empty(column: Column) -> str:
    if column.required:
        return "**refused**"
    return f"`{column.default}`" if column.default else "empty"
