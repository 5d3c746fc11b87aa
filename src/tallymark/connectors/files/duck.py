"""DuckDB, held to the files it was given, to a share of memory and to a folder of its own for what does not fit."""

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from tallymark.connectors.files import delimited, places
from tallymark.connectors.files.source import Source
from tallymark.db import queries
from tallymark.errors import ImportRefused, Problem
from tallymark.ingest import Table

SQL = queries.load("tallymark.connectors.files", "duck.sql")
ROWS = 10_000
EVERYTHING = "export"


@contextmanager
def opened(
    sources: Sequence[Source], timezone: str, memory_limit: str, *, traced: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with a view of each name among the files, each path, and all files together, `export`.

    If `traced`, each row says where it came from: `places.COLUMN`. After that it can neither reach another file nor
    the network, nor be told to.
    """
    with (
        tempfile.TemporaryDirectory(prefix="tallymark-import-") as folder,
        duckdb.connect(config=_config(folder, memory_limit)) as duck,
    ):
        duck.execute("SET TimeZone = $timezone", {"timezone": timezone})
        first = {source.path: number * places.ROWS for number, source in enumerate(sources)} if traced else {}
        views = {str(source.path): [source] for source in sources}
        views |= {each.name: [source for source in sources if source.name == each.name] for each in sources}
        for name, files in views.items():
            _view(duck, name, files, first)
        if sources and EVERYTHING not in views:
            # Files that are too unlike for one view have none; a mapping that names it is told so.
            with suppress(ImportRefused):
                _view(duck, EVERYTHING, sources, first)
        allowed = {str(source.path) for source in sources} | {_pattern(source) for source in sources}
        duck.execute("SET allowed_paths = $paths", {"paths": sorted(allowed)})
        duck.execute("SET enable_external_access = false")
        duck.execute("SET lock_configuration = true")
        yield duck


def table(duck: duckdb.DuckDBPyConnection, kind: str, origin: str, query: str, sources: Sequence[Source] = ()) -> Table:
    """The rows of a query as records of a kind.

    What is wrong with one is told by the file and line that it came from, where the query says so of `sources`, and
    else by its number in the result.
    """
    try:
        statements = duck.extract_statements(query)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise ImportRefused([], message=f"{origin}: this has to be one SELECT.")
        described = duck.execute(f"DESCRIBE {query}").fetchall()
    except duckdb.Error as wrong:
        raise _refused(origin, wrong, sources) from wrong
    columns = {name: type for name, type, *_ in described}
    traced = columns.pop(places.COLUMN, None) is not None and bool(sources)
    values = " || ',' || ".join(_csv(name, type) for name, type in columns.items())
    found = places.Places(sources)
    asked = SQL.row.format(values=values, place=places.COLUMN if traced else "NULL", query=query)
    chunks = _chunks(duck.cursor(), asked, origin, sources, found)
    return Table(kind, origin, tuple(columns), chunks, place=found.of)


def whole(source: Source) -> str:
    """A query for all of a file."""
    return SQL.table.format(reader=identifier(str(source.path)))


def rows(duck: duckdb.DuckDBPyConnection, source: Source) -> int:
    """How many a file has."""
    counted = duck.execute(SQL.rows.format(reader=identifier(str(source.path)))).fetchall()
    return int(counted[0][0])


def misses(duck: duckdb.DuckDBPyConnection, query: str) -> str:
    """The first column that a query names and the files do not have; empty where it has all it needs."""
    try:
        duck.execute(f"DESCRIBE {query}")
    except duckdb.Error as wrong:
        named = re.search(r'[Cc]olumn (?:named )?"([^"]+)"', str(wrong))
        return named[1] if named else str(wrong).partition("\n")[0]
    return ""


def names(query: str) -> set[str]:
    """Every word of a query that may be a column's name, in small letters."""
    words = re.findall(r'"((?:[^"]|"")+)"|([A-Za-z_][A-Za-z0-9_]*)', re.sub(r"--.*", "", query))
    return {(quoted or bare).lower() for quoted, bare in words}


def identifier(name: str) -> str:
    quoted = name.replace('"', '""')
    return f'"{quoted}"'


def _chunks(
    duck: duckdb.DuckDBPyConnection, query: str, origin: str, sources: Sequence[Source], found: places.Places
) -> Iterator[bytes]:
    number = 0
    try:
        result = duck.execute(query)
        while rows := result.fetchmany(ROWS):
            lines = [f"{line},{row}\n" for line, (row, _) in enumerate(rows, start=number + 1)]
            for _, place in rows:
                found.note(place)
            number += len(rows)
            yield "".join(lines).encode()
    except duckdb.Error as wrong:
        raise _refused(origin, wrong, sources) from wrong


def _refused(origin: str, wrong: duckdb.Error, sources: Sequence[Source] = ()) -> ImportRefused:
    unlike = re.search(r"""Could not convert string ['"](.*?)['"] to (\w+)""", str(wrong), re.DOTALL)
    found = places.refusal(sources, unlike[1] if unlike else None, unlike[2] if unlike else "")
    if found is not None:
        return found
    line = re.search(r"\bline:? (\d+)", str(wrong), re.IGNORECASE)
    return ImportRefused(
        [Problem(origin, int(line[1]) if line else 1, None, str(wrong))],
        message=f"{origin}: this could not be read, and nothing was stored. {wrong}",
        hint="A value that may be wrong is best left as text: the import then says in which rows it is.",
    )


def _csv(name: str, type: str) -> str:
    shape = "decimal_text" if type in ("DOUBLE", "FLOAT") else "text"
    return "(" + SQL[shape].format(value=identifier(name)) + "\n)"


def _view(duck: duckdb.DuckDBPyConnection, name: str, sources: Sequence[Source], first: Mapping[Path, int]) -> None:
    union = "\nUNION ALL BY NAME\n".join(_all_of(source, _reader(duck, source), first) for source in sources)
    try:
        duck.execute(f"CREATE VIEW {identifier(name)} AS {union}")
    except duckdb.Error as wrong:
        raise _refused(", ".join(source.origin for source in sources), wrong) from wrong


def _all_of(source: Source, reader: str, first: Mapping[Path, int]) -> str:
    if source.path not in first:
        return SQL.table.format(reader=reader)
    return SQL.traced.format(reader=reader, first=first[source.path], column=places.COLUMN)


def _reader(duck: duckdb.DuckDBPyConnection, source: Source) -> str:
    path = _literal(_pattern(source))
    if source.format == "delimited":
        delimiter, names = delimited.header(source)
        columns = ", ".join(f"{_literal(column)}: 'VARCHAR'" for column in names)
        return SQL.delimited.format(path=path, delimiter=_literal(delimiter), columns=columns)
    if source.format == "excel":
        _load_excel(duck, source)
    return SQL[source.format].format(path=path)


def _pattern(source: Source) -> str:
    """The path, with those characters escaped that DuckDB would take for a pattern of several."""
    return re.sub(r"([*?\[])", r"[\1]", str(source.path))


def _load_excel(duck: duckdb.DuckDBPyConnection, source: Source) -> None:
    try:
        duck.execute("LOAD excel")
    except duckdb.Error as missing:
        raise ImportRefused(
            [],
            message=f"{source.origin}: Excel files need DuckDB's excel extension, which is not installed.",
            hint="Save the sheet as CSV, or install it once, with access to the internet: "
            "python -c \"import duckdb; duckdb.sql('INSTALL excel')\"",
        ) from missing


def _literal(text: str) -> str:
    quoted = text.replace("'", "''")
    return f"'{quoted}'"


def _config(folder: str, memory_limit: str) -> dict[str, str | bool | int | float | list[str]]:
    return {
        "memory_limit": memory_limit,
        # Each thread needs its share of that memory before it can spill.
        "threads": 2,
        "temp_directory": str(Path(folder) / "spill"),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
        "python_enable_replacements": False,
    }
