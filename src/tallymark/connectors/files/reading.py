"""From files to a batch."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path

from duckdb import DuckDBPyConnection

from tallymark.connectors.files import delimited, documents, duck
from tallymark.connectors.files.choice import Choice, chosen_table
from tallymark.connectors.files.mapping import chosen
from tallymark.connectors.files.source import Source, source
from tallymark.errors import BadQuestion, ImportRefused
from tallymark.ingest import KINDS, Batch, Table
from tallymark.model import PLATFORM_NAMES, Tenant, is_platform

MEMORY_LIMIT = "512MB"
READERS = {"delimited": delimited.table, "documents": documents.table}


@contextmanager
def read(
    paths: Sequence[Path],
    tenant: Tenant,
    *,
    platform: str = "files",
    mapping: Path | None = None,
    preset: str | None = None,
    choices: Sequence[Choice] = (),
    memory_limit: str = MEMORY_LIMIT,
) -> Iterator[Batch]:
    """The records of these files, read while the batch is loaded: they may be larger than memory.

    Without a mapping each file is named after a kind and has its columns, or `choices` say which kinds it holds and
    what their columns are filled from. The batch can be read once, inside the `with`. Raises ImportRefused or
    BadQuestion.
    """
    if not is_platform(platform):
        raise BadQuestion(f"{platform!r} is not the name of one platform.", hint=f"A name has {PLATFORM_NAMES}.")
    if not paths:
        raise BadQuestion("There is no file to import.")
    sources = [source(path) for path in paths]
    how = chosen(mapping, preset)
    if how is None and not choices:
        _check_kinds(sources)
    for_duck = [each for each in sources if how or each.format not in READERS]
    with duck.opened(for_duck, tenant.timezone, memory_limit, traced=how is not None and how.traced) as engine:
        if how:
            yield Batch(platform, how.tables(engine, for_duck))
        elif choices:
            yield Batch(platform, _chosen(engine, sources, choices))
        else:
            yield Batch(platform, [as_it_is(engine, each) for each in sources])


def _chosen(engine: DuckDBPyConnection, sources: Sequence[Source], choices: Sequence[Choice]) -> list[Table]:
    """A table for each choice; rows that cannot be read at all are told of by the first that reads their file."""
    known = {each.path: each for each in sources}
    times = Counter(choice.path.resolve() for choice in choices)
    tables: list[Table] = []
    for choice in choices:
        path = choice.path.resolve()
        again = any(path == earlier.path.resolve() for earlier in choices[: len(tables)])
        file = as_it_is(engine, known[path])
        if again:
            file = Table(file.kind, file.origin, file.columns, file.chunks)
        tables.append(chosen_table(choice, file, of_several=times[path] > 1))
    return tables


def as_it_is(engine: DuckDBPyConnection, source: Source) -> Table:
    """A file's rows under its own columns."""
    reader = READERS.get(source.format)
    if reader is not None:
        return reader(source)
    return duck.table(engine, source.name, source.origin, duck.whole(source))


def _check_kinds(sources: Sequence[Source]) -> None:
    for each in sources:
        if each.name not in KINDS:
            near = get_close_matches(each.name, KINDS, n=1)
            raise ImportRefused(
                [],
                message=f"{each.origin}: there is no kind of record called {each.name}.",
                hint=(f"Did you mean {near[0]}? " if near else "")
                + f"Name the file after one of {', '.join(KINDS)}, or give a mapping or a preset.",
            )
