"""An answer as a file: `written` in one of FORMATS, and what such a file is called."""

from tallymark.exports.exported import Exported
from tallymark.exports.formats import FORMATS, Format, written

__all__ = ["FORMATS", "Exported", "Format", "written"]
