"""How log lines look: one line each, for people or, as JSON, for programs."""

import logging
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any, Literal

import structlog

from tallymark.monitoring import tracing

Form = Literal["logfmt", "json"]


def log_to_standard_error(level: str = "warning", form: Form = "logfmt") -> None:
    """Standard output belongs to results."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _traced,
            *([structlog.processors.format_exc_info] if form == "json" else []),
            _renderer(form),
        ],
        # Looked up for each line: a progress bar puts itself in the place of standard error.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


def lines_of_logging(form: Form) -> dict[str, Any]:
    """Formatters with which what the HTTP server says by Python's own logging looks like every other line."""
    line = {"()": Line, "form": form}
    return {"formatters": {"generic": line, "access": line}}


class Line(logging.Formatter):
    """A record of Python's own logging as one of our lines."""

    def __init__(self, form: Form) -> None:
        super().__init__()
        self._render = _renderer(form)

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z")
        line = {"timestamp": at, "level": record.levelname.lower(), "event": record.getMessage()}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return str(self._render(None, "", line))


def _renderer(form: Form) -> Any:
    if form == "json":
        return structlog.processors.JSONRenderer(default=str, ensure_ascii=False)
    return structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"])


def _traced(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    line.update(tracing.identity())
    return line
