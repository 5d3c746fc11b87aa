"""Events of other systems: an order was created, a product has changed.

An event either brings the records themselves, in our own columns, which are loaded as an import loads them; or it only
says that something has changed, and the source is asked. Both wake a refresh soon. Which figures that touches follows
from the records, not from the name of the event.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from psycopg import Connection

from tallymark import ingest
from tallymark.connectors import as_batch
from tallymark.errors import BadQuestion
from tallymark.ingest import KINDS
from tallymark.model import PLATFORM_NAMES, Tenant, is_platform
from tallymark.tasks.wakeups import wake

Record = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Event:
    """What happened on a platform: `type` such as order.updated; `records` by kind, where it brings them."""

    type: str
    platform: str
    records: Mapping[str, Sequence[Record]] = field(default_factory=dict)


@dataclass(slots=True)
class Taken:
    """What became of events: what their records were, by kind, and the platforms whose sources will be asked."""

    events: int = 0
    records: dict[str, Counter[str]] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)


def take_events(conn: Connection[Any], tenant: Tenant, events: Sequence[Event]) -> Taken:
    """Takes them in within the caller's transaction (READ COMMITTED), all or none; the later one wins.

    Raises BadQuestion for a name that is none and ImportRefused for a record that cannot be taken.
    """
    done = Taken(len(events))
    for event in events:
        if not is_platform(event.platform):
            raise BadQuestion(
                f"{event.platform[:60]!r} is not the name of one platform.", hint=f"A name has {PLATFORM_NAMES}."
            )
        if not any(event.records.values()):
            done.asked.add(event.platform)
    for platform, records in _loads(events):
        loaded = ingest.load(conn, as_batch(platform, records, "events"))
        for kind, counts in loaded.counts.items():
            done.records.setdefault(kind, Counter()).update(asdict(counts))
    if done.asked:
        wake(conn, tenant, done.asked)
    return done


def _loads(events: Iterable[Event]) -> Iterator[tuple[str, dict[str, list[Record]]]]:
    """The records in as few loads as keep their meaning: in one, all records of a kind name the same columns.

    A column that a record leaves out stays as it is stored, so records of different columns go in one after the other.
    """
    by_platform: dict[str, _Load] = {}
    for event in events:
        for kind, records in event.records.items():
            for record in records:
                load = by_platform.setdefault(event.platform, _Load())
                if not load.takes(kind, record):
                    yield event.platform, load.records()
                    load = by_platform[event.platform] = _Load()
                load.put(kind, record)
    for platform, load in by_platform.items():
        yield platform, load.records()


class _Load:
    def __init__(self) -> None:
        self._columns: dict[str, frozenset[str]] = {}
        self._records: dict[str, dict[tuple[str, ...], Record]] = {}

    def takes(self, kind: str, record: Record) -> bool:
        return self._columns.get(kind, record.keys()) == record.keys()

    def put(self, kind: str, record: Record) -> None:
        """In place of an earlier one of the same key."""
        self._columns[kind] = frozenset(record)
        found = self._records.setdefault(kind, {})
        # Of a kind that there is not the load itself tells.
        key = tuple(str(record.get(name)) for name in (KINDS[kind].key if kind in KINDS else record))
        found.pop(key, None)
        found[key] = record

    def records(self) -> dict[str, list[Record]]:
        return {kind: list(found.values()) for kind, found in self._records.items()}
