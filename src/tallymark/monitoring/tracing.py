"""Traces for OpenTelemetry: nothing of it is even imported until `start`, and until then a span costs one look.

The names are those of its semantic conventions; the values of SQL parameters are never among the attributes.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from tallymark.errors import SettingsError

Attribute = str | int | float | bool

NO_ATTRIBUTES: Mapping[str, Attribute] = {}
NO_PARENT: Mapping[str, str] = {}
_NOTHING: AbstractContextManager[None] = nullcontext()


class _Tracer:
    """The one of this process, once there is one."""

    def __init__(self) -> None:
        self.on = False
        self._otel: Any = None
        self._propagate: Any = None
        self._tracer: Any = None
        self._provider: Any = None

    def start(self, version: str) -> None:
        try:
            from opentelemetry import propagate, trace
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
        except ImportError:
            raise SettingsError(
                "OTEL_EXPORTER_OTLP_ENDPOINT is set, but the packages for tracing are not installed.",
                hint="pip install 'tallymark[tracing]'",
            ) from None
        resource = Resource.create({"service.name": "tallymark", "service.version": version})
        # Where to, with which headers and how much of it is read from the variables of OpenTelemetry.
        self._provider = TracerProvider(resource=resource)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._otel, self._propagate = trace, propagate
        self._tracer = self._provider.get_tracer("tallymark", version)
        self.on = True

    def stop(self) -> None:
        if self.on:
            self.on = False
            self._provider.shutdown()

    @contextmanager
    def span(
        self, name: str, kind: str, parent: Mapping[str, str], attributes: Mapping[str, Attribute]
    ) -> Iterator[Any]:
        context = self._propagate.extract(dict(parent)) if parent else None
        kind = getattr(self._otel.SpanKind, kind.upper())
        with self._tracer.start_as_current_span(name, context=context, kind=kind, attributes=attributes) as span:
            yield span

    def identity(self) -> Mapping[str, str]:
        found = self._otel.get_current_span().get_span_context()
        if not found.is_valid:
            return {}
        return {"trace_id": f"{found.trace_id:032x}", "span_id": f"{found.span_id:016x}"}


_tracer = _Tracer()


def start(version: str) -> None:
    """Sends spans from now on. Raises SettingsError where the packages are missing."""
    if not _tracer.on:
        _tracer.start(version)


def stop() -> None:
    """Sends what has not been sent, and no more."""
    _tracer.stop()


def on() -> bool:
    return _tracer.on


def span(
    name: str,
    attributes: Mapping[str, Attribute] = NO_ATTRIBUTES,
    *,
    kind: str = "internal",
    parent: Mapping[str, str] = NO_PARENT,
) -> AbstractContextManager[Any]:
    """A span around what is done within, given as such to the `with`; None instead, when off.

    `parent`: the headers that may tell of the caller's own.
    """
    return _tracer.span(name, kind, parent, attributes) if _tracer.on else _NOTHING


def identity() -> Mapping[str, str]:
    """Which span this is within, for log lines; nothing when off."""
    return _tracer.identity() if _tracer.on else {}
