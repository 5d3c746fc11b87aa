"""What is in files that somebody wants to import, and how they are best read. Nothing is stored."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from duckdb import DuckDBPyConnection

from tallymark.connectors.files import duck
from tallymark.connectors.files.choice import NUMBERED, Choice, Dates, Filled, Numbers, as_iso, parsed
from tallymark.connectors.files.mapping import PRESETS, shipped
from tallymark.connectors.files.reading import MEMORY_LIMIT, READERS, as_it_is
from tallymark.connectors.files.source import Source, source
from tallymark.connectors.files.words import likely
from tallymark.errors import ImportRefused
from tallymark.ingest import KINDS, Kind, Type
from tallymark.model import Tenant

LOOKED_AT = 100
SHOWN = 8
SAMPLES = 3
TYPES = (
    ("whole number", re.compile(r"[-+]?\d{1,18}")),
    ("number", re.compile(r"[-+]?(?:\d[\d,.' ]*\d|\d)|[-+]?[.,]\d+|[$€£¥] ?[\d,.' ]+|[\d,.' ]+ ?[$€£¥]")),
    ("date", re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ].*)?|\d{1,2}[./-]\d{1,2}[./-]\d{4}(?:[ ,T].*)?")),
    ("yes/no", re.compile(r"true|false|yes|no", re.IGNORECASE)),
)
# A file of lines, told by two of these columns, is orders as well, and names products and customers besides.
LINES = {"order_id", "quantity", "unit_price"}
WITH_ORDERS = ("orders", "order_items", "products", "customers")
TELLING = {"products": ("name",), "customers": ("name", "email")}


@dataclass(frozen=True, slots=True)
class Held:
    """A column of a file: what its first values look like, and some of them."""

    name: str
    type: str
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """A file as it is: its columns, and its first rows."""

    path: Path
    columns: tuple[Held, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether a preset can read the files: which of their columns it names, and the first that it misses."""

    preset: str
    reads: tuple[str, ...]
    misses: str

    @property
    def fits(self) -> bool:
        return not self.misses


@dataclass(frozen=True, slots=True)
class Reading:
    """How files may be read: by a preset, or by choosing columns; `why` says it to a person."""

    why: str
    preset: str | None = None
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    files: tuple[Looked, ...]
    presets: tuple[Fit, ...] = field(default=())
    """The presets, what fits best first."""


def look(paths: Sequence[Path], tenant: Tenant) -> Preview:
    """What the files hold and which presets know it. Raises ImportRefused for a file that cannot be read at all."""
    sources = [source(path) for path in paths]
    for_duck = [each for each in sources if each.format not in READERS]
    with duck.opened(for_duck, tenant.timezone, MEMORY_LIMIT) as engine:
        files = tuple(_looked(path, engine, each) for path, each in zip(paths, sources, strict=True))
    try:
        with duck.opened(sources, tenant.timezone, MEMORY_LIMIT, traced=True) as engine:
            fits = [_fit(engine, preset, files) for preset in PRESETS]
    except ImportRefused:
        # What a preset cannot even open may still be read by choosing columns.
        fits = [Fit(preset, (), "the files themselves") for preset in PRESETS]
    return Preview(files, tuple(sorted(fits, key=lambda fit: (not fit.fits, -len(fit.reads)))))


def suggested(preview: Preview, tenant: Tenant) -> Reading:
    """The best way to read the files that can be told from their columns."""
    own = [_own(file) for file in preview.files]
    if all(own):
        return Reading("These are Tallymark’s own columns.", choices=tuple(one for one in own if one))
    best = preview.presets[0]
    if best.fits and best.reads:
        return Reading(f"All columns of this export are there; {len(best.reads)} of them are read.", best.preset)
    choices = tuple(choice for file in preview.files for choice in _guessed(file, tenant))
    return Reading("No preset knows these columns: they are matched by their names.", choices=choices)


def _looked(path: Path, engine: DuckDBPyConnection, each: Source) -> Looked:
    table = as_it_is(engine, each)
    rows = [tuple(values) for _, *values in islice(parsed(table), LOOKED_AT)]
    columns = tuple(_held(name, [row[place] for row in rows]) for place, name in enumerate(table.columns))
    return Looked(path, columns, tuple(rows[:SHOWN]))


def _held(name: str, values: Sequence[str]) -> Held:
    given = [value.strip() for value in values if value.strip()]
    kind = "empty" if not given else "text"
    for known, pattern in TYPES:
        if given and all(pattern.fullmatch(value) for value in given):
            kind = known
            break
    return Held(name, kind, tuple(list(dict.fromkeys(given))[:SAMPLES]))


def _fit(engine: DuckDBPyConnection, preset: str, files: Sequence[Looked]) -> Fit:
    queries = shipped(preset).queries.values()
    words = set().union(*(duck.names(query) for query in queries))
    columns = dict.fromkeys(column.name for file in files for column in file.columns)
    misses = next(filter(None, (duck.misses(engine, query) for query in queries)), "")
    return Fit(preset, tuple(name for name in columns if name.lower() in words), misses)


def _own(file: Looked) -> Choice | None:
    """The file as records of a kind whose columns it has, all of them ours; the one it is named after goes before."""
    names = [column.name for column in file.columns]
    fitting = [kind for kind in KINDS.values() if {*kind.required} <= {*names} <= {*kind.column_names}]
    if not fitting:
        return None
    called = file.path.name.split(".")[0]
    kind = next((kind for kind in fitting if kind.name == called), fitting[0])
    return Choice(file.path, kind.name, {name: Filled(name) for name in names})


def _guessed(file: Looked, tenant: Tenant) -> list[Choice]:
    names = [column.name for column in file.columns if column.type != "empty"]
    found = {kind.name: likely(kind, names) for kind in KINDS.values()}
    whole = [kind for kind in KINDS.values() if _complete(kind, found[kind.name])]
    called = file.path.name.split(".")[0]
    if called in KINDS:
        kinds = [KINDS[called]]
    elif len(LINES & found["order_items"].keys()) > 1:
        kinds = [KINDS[name] for name in WITH_ORDERS if name not in TELLING or _tells(KINDS[name], found[name])]
    else:
        kinds = [max(whole or KINDS.values(), key=lambda kind: len(found[kind.name]))]
    return [_choice(file, kind, found[kind.name], tenant) for kind in kinds]


def _complete(kind: Kind, found: dict[str, str]) -> bool:
    return {*kind.required} - {NUMBERED} <= found.keys()


def _tells(kind: Kind, found: dict[str, str]) -> bool:
    """There is more than the number of a product or a customer, which stands in the order already."""
    return _complete(kind, found) and any(name in found for name in TELLING[kind.name])


def _choice(file: Looked, kind: Kind, found: dict[str, str], tenant: Tenant) -> Choice:
    columns = {ours: Filled(theirs) for ours, theirs in found.items()}
    if NUMBERED in kind.required and NUMBERED not in columns:
        columns[NUMBERED] = Filled()
    held = {column.name: column for column in file.columns}
    days = [held[theirs] for ours, theirs in found.items() if kind[ours].type in (Type.INSTANT, Type.DAY)]
    amounts = [held[theirs] for ours, theirs in found.items() if kind[ours].type in (Type.MONEY, Type.RATE)]
    ordered = {ours: columns[ours] for ours in kind.column_names if ours in columns}
    return Choice(file.path, kind.name, ordered, _dates(days, tenant), _numbers(amounts))


def _dates(columns: Sequence[Held], tenant: Tenant) -> Dates:
    """How days are written. Where they leave it open, as people do where the shop is."""
    samples = [sample for column in columns for sample in column.samples]
    turned = [sample for sample in samples if as_iso(sample, month_first=False) != sample]
    other = [sample for sample in samples if as_iso(sample, month_first=True) != sample]
    if not turned and not other:
        return "iso"
    if len(turned) != len(other):
        return "day-first" if len(turned) > len(other) else "month-first"
    american = tenant.timezone.startswith("America/") and any("/" in sample for sample in samples)
    return "month-first" if american else "day-first"


def _numbers(columns: Sequence[Held]) -> Numbers:
    samples = " ".join(sample for column in columns for sample in column.samples)
    return "comma" if re.search(r"\d,\d{1,2}(?!\d)", samples) else "point"
