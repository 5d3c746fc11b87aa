"""Order lines of long ago as Parquet files, with every total kept to the cent.

`archive_months` moves lines out and `restore` brings them back; `needed` says which must come back before changes that
wait can be counted, and `beside_stored` lets a recount read both.
"""

from tallymark.archive.lines import Archive, archive_months, archives, beside_stored, needed, restore

__all__ = ["Archive", "archive_months", "archives", "beside_stored", "needed", "restore"]
