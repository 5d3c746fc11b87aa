"""Records in: canonical rows are staged, checked and merged into the base tables, in one transaction."""

from tallymark.ingest.batch import Batch, Counts, Loaded, Progress, Table, Unreadable
from tallymark.ingest.kinds import KINDS
from tallymark.ingest.load import load

__all__ = ["KINDS", "Batch", "Counts", "Loaded", "Progress", "Table", "Unreadable", "load"]
