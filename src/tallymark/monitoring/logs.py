"""How log lines look: one line each, for people or, as JSON, for programs."""

import sys
from collections.abc import MutableMapping
from typing import Any, Literal

import structlog

from tallymark.monitoring import tracing

Form = Literal["logfmt", "json"]


def log_to_standard_error(level: str = "warning", form: Form = "logfmt") -> None:
    """Standard output belongs to results."""
    renderer: Any = structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"])
    if form == "json":
        renderer = structlog.processors.JSONRenderer(default=str, ensure_ascii=False)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _traced,
            *([structlog.processors.format_exc_info] if form == "json" else []),
            renderer,
        ],
        # Looked up for each line: a progress bar puts itself in the place of standard error.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


def _traced(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    line.update(tracing.identity())
    return line
