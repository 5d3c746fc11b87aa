"""The door of ingest: a batch goes in whole, or not at all."""

from psycopg import Connection

from tallymark.ingest.batch import Batch, Loaded, Progress


def load(
    conn: Connection[tuple[object, ...]], batch: Batch, *, on_progress: Progress | None = None
) -> Loaded:
    """Merge a batch into the base tables of the transaction's tenant, and say what became of each kind.

    Only rows that are new or really different are written, so loading the same batch again writes nothing.
    Loads of one tenant and platform wait for each other. Runs inside the caller's transaction, which must be
    READ COMMITTED; nothing is committed here. Raises ImportRefused, with every bad row counted and the first
    of them named, before anything is written.
    """
    raise NotImplementedError
