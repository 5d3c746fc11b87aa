"""What is measured and told of a running installation: values, slow statements, log lines, traces."""

from tallymark.monitoring import tracing
from tallymark.monitoring.board import Board
from tallymark.monitoring.exposition import MEDIA_TYPE, exposed
from tallymark.monitoring.logs import Form, lines_of_logging, log_to_standard_error
from tallymark.monitoring.meters import METERS, PREFIX, VALUES, Reading, Readings, counters, merged
from tallymark.monitoring.statements import NONE, STATEMENTS, Slow, about, subject
from tallymark.monitoring.traffic import OTHER, Tally, Traffic, percentile, readings, together

__all__ = [
    "MEDIA_TYPE",
    "METERS",
    "NONE",
    "OTHER",
    "PREFIX",
    "STATEMENTS",
    "VALUES",
    "Board",
    "Form",
    "Reading",
    "Readings",
    "Slow",
    "Tally",
    "Traffic",
    "about",
    "counters",
    "exposed",
    "lines_of_logging",
    "log_to_standard_error",
    "merged",
    "percentile",
    "readings",
    "subject",
    "together",
    "tracing",
]
