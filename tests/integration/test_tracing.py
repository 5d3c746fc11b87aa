"""Traces as a collector receives them, and nothing of them where nobody asked."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import structlog
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tallymark.monitoring import log_to_standard_error, tracing

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The spans that arrive."""
    spans: list[Any] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
            for resource in sent.resource_spans:
                for scope in resource.scope_spans:
                    spans.extend(scope.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
        yield spans
        server.shutdown()
        thread.join()


def attributes(span: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in span.attributes}


def test_a_request_is_traced_down_to_its_statements(collector: list[Any], request: pytest.FixtureRequest) -> None:
    tracing.start("1.2.3")
    try:
        shop = request.getfixturevalue("lenient")
        headers = shop.bearer("admin")
        assert shop.client.post("/api/admin/analytics/refresh", headers=headers).status_code == 200
        traced = {**headers, "traceparent": PARENT}
        assert shop.client.get("/api/metrics/sales_overview?period=year", headers=traced).status_code == 200
    finally:
        tracing.stop()
    names = [span.name for span in collector]
    assert "refresh Calculating Revenue" in names
    asked = next(span for span in collector if span.name == "GET /api/metrics/{metric}")
    assert (asked.trace_id.hex(), asked.parent_span_id.hex()) == (PARENT[3:35], PARENT[36:52])
    assert attributes(asked) == {
        "http.request.method": "GET", "http.route": "/api/metrics/{metric}", "http.response.status_code": 200,
    }  # fmt: skip
    question = next(span for span in collector if span.name == "question sales_overview")
    assert question.parent_span_id == asked.span_id
    below = {span.name: attributes(span) for span in collector if span.parent_span_id == question.span_id}
    assert {"sales_overview", "changes progress"} <= set(below)
    assert below["changes progress"] == {"db.system.name": "postgresql", "db.query.summary": "changes progress"}


def test_nobody_who_does_not_trace_even_imports_it() -> None:
    script = "import sys, tallymark.app, tallymark.cli.serving;"
    # The framework looks for the interface by itself; what costs something is behind it.
    script += "assert not [name for name in sys.modules if name.startswith(('opentelemetry.sdk', 'opentelemetry.exp'))]"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_log_lines_are_json_where_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    before = structlog.get_config()
    log_to_standard_error("info", "json")
    try:
        structlog.get_logger().info("two\nlines", shop="Bär")
        try:
            raise ZeroDivisionError
        except ZeroDivisionError as error:
            structlog.get_logger().error("failed", exc_info=error)
        log_to_standard_error("info")
        structlog.get_logger().info("two", shop="a\nb")
    finally:
        structlog.configure(**before)
    first, second, third = capsys.readouterr().err.splitlines()
    assert {**json.loads(first), "timestamp": ""} == {
        "event": "two\nlines", "level": "info", "shop": "Bär", "timestamp": "",
    }  # fmt: skip
    assert "ZeroDivisionError" in json.loads(second)["exception"]
    assert "a\\nb" in third
