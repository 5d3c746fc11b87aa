"""What others log in this process looks like our own lines."""

import json
import logging
from typing import Any

import pytest

from tallymark.monitoring import lines_of_logging

RECORD = logging.LogRecord("_granian", logging.WARNING, "mp.py", 7, "worker-%d is gone", (1,), None)
RECORD.created = 1_767_225_600.25


@pytest.mark.parametrize(
    ("form", "read"),
    [
        ("json", json.loads),
        ("logfmt", lambda line: dict(pair.split("=", 1) for pair in line.replace('"', "").split(" ", 2))),
    ],
)
def test_a_line_of_the_http_server(form: Any, read: Any) -> None:
    made = dict(lines_of_logging(form)["formatters"]["generic"])
    line = made.pop("()")(**made).format(RECORD)
    assert read(line) == {"timestamp": "2026-01-01T00:00:00.250000Z", "level": "warning", "event": "worker-1 is gone"}
