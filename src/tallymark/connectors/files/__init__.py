"""Files in: tables in our own columns as they are, everything else through a mapping or by choosing columns."""

from tallymark.connectors.files.arrived import bounded, require_sound
from tallymark.connectors.files.choice import Choice, Filled, parsed
from tallymark.connectors.files.importing import import_files
from tallymark.connectors.files.mapping import PRESETS
from tallymark.connectors.files.preview import Fit, Looked, Preview, Reading, look, suggested
from tallymark.connectors.files.reading import read
from tallymark.connectors.files.source import FORMATS

__all__ = [
    "FORMATS",
    "PRESETS",
    "Choice",
    "Filled",
    "Fit",
    "Looked",
    "Preview",
    "Reading",
    "bounded",
    "import_files",
    "look",
    "parsed",
    "read",
    "require_sound",
    "suggested",
]
