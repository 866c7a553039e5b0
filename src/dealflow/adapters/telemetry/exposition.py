"""The metrics of this process as Prometheus reads them, those of Temporal's SDK behind ours."""

from collections.abc import Callable, Iterable
from itertools import accumulate

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from dealflow.observability import metrics
from dealflow.observability.metrics import Distribution, Kind, Metric, Reading

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Exposition:
    """The text of one reading; `of_the_sdk` gives the SDK's own."""

    def __init__(self, of_the_sdk: Callable[[], bytes]) -> None:
        self._of_the_sdk = of_the_sdk
        self._registry = CollectorRegistry()
        self._registry.register(_Ours())
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._registry)

    def text(self) -> bytes:
        """What a scrape gets."""
        return generate_latest(self._registry) + self._of_the_sdk()


class _Ours(Collector):
    def describe(self) -> Iterable[Family]:
        # Asked for at registration, for names that are given twice; the catalogue has none.
        return ()

    def collect(self) -> Iterable[Family]:
        found: dict[Metric, Family] = {}
        for metric, labels, value in metrics.read():
            family = found.setdefault(metric, _family(metric))
            _put(family, (metric, labels, value))
        return found.values()


def _family(metric: Metric) -> Family:
    match metric.kind:
        case Kind.COUNTER:
            return CounterMetricFamily(metric.name, metric.says, labels=metric.labels)
        case Kind.GAUGE:
            return GaugeMetricFamily(metric.name, metric.says, labels=metric.labels)
        case Kind.HISTOGRAM:
            return HistogramMetricFamily(metric.name, metric.says, labels=metric.labels)


def _put(family: Family, reading: Reading) -> None:
    metric, labels, value = reading
    if isinstance(value, Distribution):
        assert isinstance(family, HistogramMetricFamily)
        bounds = [*map(str, metric.buckets), "+Inf"]
        family.add_metric(labels, list(zip(bounds, accumulate(value.counts), strict=True)), value.total)
    else:
        assert isinstance(family, CounterMetricFamily | GaugeMetricFamily)
        family.add_metric(labels, value)
