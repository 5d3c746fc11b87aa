"""Records in: canonical rows are staged, checked and merged into the base tables, in one transaction."""

from tallymark.ingest.batch import Batch, Checked, Counts, Loaded, Progress, Table, Unreadable
from tallymark.ingest.kinds import KINDS, Column, Kind, Type
from tallymark.ingest.load import check, load

__all__ = [
    "KINDS",
    "Batch",
    "Checked",
    "Column",
    "Counts",
    "Kind",
    "Loaded",
    "Progress",
    "Table",
    "Type",
    "Unreadable",
    "check",
    "load",
]
