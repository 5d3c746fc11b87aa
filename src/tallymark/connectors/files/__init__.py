"""Files in: tables in our own columns as they are, everything else through a mapping."""

from tallymark.connectors.files.importing import import_files
from tallymark.connectors.files.mapping import PRESETS
from tallymark.connectors.files.reading import read
from tallymark.connectors.files.source import FORMATS

__all__ = ["FORMATS", "PRESETS", "import_files", "read"]
