"""What goes into a load, and what comes out of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tallymark.errors import SHOWN_PROBLEMS, ImportRefused, Problem

Progress = Callable[[str, int], None]
"""Called with what is being done ("orders.csv") and how many rows of it are done so far."""


@dataclass(slots=True)
class Unreadable:
    """Rows that a source could not even cut into fields: all counted, the first kept."""

    first: list[Problem] = field(default_factory=list)
    total: int = 0

    def add(self, problem: Problem) -> None:
        self.total += 1
        if self.total <= SHOWN_PROBLEMS:
            self.first.append(problem)


@dataclass(frozen=True, slots=True)
class Table:
    """Records of one kind, as a stream of CSV that is read once and never held in memory as a whole.

    `chunks` is UTF-8 CSV without a header, cut anywhere: comma, `"` quotes, newline; an empty field is a
    missing value, quoted or not. The first field of a row is its line number in `origin`, then comes one
    field for each of `columns`, in that order. `origin` is the name that problems are reported under.
    A column that is not given leaves what is stored; in a new row it is null or the column's default.
    `unreadable` is filled while the chunks are read. `place` tells of such a number in which file and on which line of
    it the row stands, where that is another.
    """

    kind: str
    origin: str
    columns: tuple[str, ...]
    chunks: Iterable[bytes]
    unreadable: Unreadable = field(default_factory=Unreadable)
    place: Callable[[int], tuple[str, int] | None] | None = None

    def stands(self, number: int) -> tuple[str, int]:
        """The file and the line on which the row of this number stands."""
        return (self.place and self.place(number)) or (self.origin, number)


@dataclass(frozen=True, slots=True)
class Batch:
    """Tables that are loaded together, all or nothing; one kind may come in several tables."""

    platform: str
    tables: Sequence[Table]


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the records of one kind: their sum is the number of distinct records in the batch."""

    new: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did, per kind, in the order of dependence."""

    counts: Mapping[str, Counts]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a load would take: distinct records of each kind, and why it would take none of them, if it would not."""

    rows: Mapping[str, int]
    refusal: ImportRefused | None
