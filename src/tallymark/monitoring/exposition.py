"""Measured values as Prometheus reads them."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from tallymark.monitoring.meters import METERS, PREFIX, Labels, Meter, Readings, Value

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4


def exposed(readings: Readings) -> bytes:
    """The text that is scraped."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Fixed(readings))
    return generate_latest(registry)


class _Fixed(Collector):
    def __init__(self, readings: Readings) -> None:
        self._readings = readings

    def collect(self) -> Iterator[Metric]:
        for name, meter in METERS.items():
            if of := self._readings.get(name):
                yield _family(name, meter, of)


def _family(name: str, meter: Meter, of: dict[Labels, Value]) -> Metric:
    whole = PREFIX + name
    if meter.kind == "histogram":
        histogram = HistogramMetricFamily(whole, meter.doc, labels=meter.labels)
        for labels, value in sorted(of.items()):
            assert isinstance(value, list)
            histogram.add_metric(labels, _cumulative(meter.bounds, value), value[-1])
        return histogram
    family: CounterMetricFamily | GaugeMetricFamily
    if meter.kind == "counter":
        family = CounterMetricFamily(whole, meter.doc, labels=meter.labels)
    else:
        family = GaugeMetricFamily(whole, meter.doc, labels=meter.labels)
    for labels, value in sorted(of.items()):
        assert not isinstance(value, list)
        family.add_metric(labels, value)
    return family


def _cumulative(bounds: tuple[float, ...], value: list[float]) -> list[tuple[str, float]]:
    found, below = [], 0.0
    for bound, count in zip((*bounds, float("inf")), value[:-1], strict=True):
        below += count
        found.append((floatToGoString(bound), below))  # type: ignore[no-untyped-call]
    return found
