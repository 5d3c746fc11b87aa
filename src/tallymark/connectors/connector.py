"""What a source of records has to be able to do, and what it is told.

A connector turns what a client reads from a source into canonical records, a page at a time: client, streams, pages,
`ingest.load`. It keeps no state of its own. Each page names what is done once its records are in, and both are
committed together, so a sync that is interrupted goes on after the last page that went in; the first one simply starts
with nothing done. A stream that has pages behind a cursor keeps the cursor as its state; one that fills the past in
while the present goes on keeps both ends.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from tallymark.ingest import Batch
from tallymark.model import Tenant


@dataclass(frozen=True, slots=True)
class Source:
    """Whose records, of which platform, and where they are. `secrets` is never shown or logged."""

    tenant: Tenant
    platform: str
    settings: Mapping[str, Any]
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Page:
    """Records that go in together, all or nothing.

    `open` is entered within the transaction that they go in by and left before it is committed: whatever it raises
    takes them back. `done` is what is known of the source once they are in. `what` names the page to people. Records
    that are refused are told of, and the next page is tried; the page is tried again by the next sync.
    """

    what: str
    open: Callable[[], AbstractContextManager[Batch]]
    done: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pause:
    """The source asks to be left alone for so many seconds; a long pause ends the sync, and the next one goes on."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something in the source that cannot be taken, and why; everything else can."""

    what: str
    why: str


class Connector(Protocol):
    """One kind of source. All methods may raise SourceFailed, which ends the sync, and BadQuestion for settings."""

    kind: ClassVar[str]

    def check(self, source: Source) -> str:
        """Looks whether the source can be read, and says in a line what is there."""

    def mark(self, source: Source) -> str | None:
        """What the source looks like, at hardly any cost; equal marks: nothing is new. None: nobody can tell.

        It is asked without the secrets.
        """

    def pages(self, source: Source, done: Mapping[str, Any]) -> Iterator[Page | Pause | Trouble]:
        """What is not in yet, oldest first, given all that the pages before have named as done."""
