"""Named SQL, kept in `.sql` files beside the package that runs it.

    -- orders_of_day --
    -- Why: the drill-down behind one bar of the chart.
    SELECT …

A query starts at its name and ends at the next one; the comment below the name says why it exists.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources

_NAME = re.compile(r"^-- (\w+) --[ \t]*$", re.MULTILINE)


_named: dict[str, str] = {}


def name_of(statement: str) -> str | None:
    """The package and the name of a statement that is kept in a file."""
    return _named.get(statement)


class Queries(Mapping[str, str]):
    """The queries of one file, by attribute or by key; an unknown name raises, and lists those there are."""

    def __init__(self, text: str, source: str) -> None:
        self._source = source
        self._by_name: dict[str, str] = {}
        package = source.rpartition("/")[0] or source
        _, *parts = _NAME.split(text)
        for name, body in zip(parts[::2], parts[1::2], strict=True):
            if name in self._by_name:
                raise ValueError(f"{source}: there are two queries named {name}")
            if not re.match(r"\s*-- \S", body):
                raise ValueError(f"{source}: {name} does not say why it exists, in a comment below its name")
            self._by_name[name] = body.strip()
            _named.setdefault(self._by_name[name], f"{package.removeprefix('tallymark.')} {name}")

    def __getitem__(self, name: str) -> str:
        if name not in self._by_name:
            raise KeyError(f"{self._source} has no query {name}, only {', '.join(self)}")
        return self._by_name[name]

    def __getattr__(self, name: str) -> str:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError as unknown:
            raise AttributeError(unknown.args[0]) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)


@cache
def load(package: str, file: str) -> Queries:
    """The queries of `file` in `package`, read once."""
    return Queries(resources.files(package).joinpath(file).read_text("utf-8"), f"{package}/{file}")
