"""A scrape of metrics over HTTP, read by Prometheus' own rules for the text."""

import urllib.request
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

from dealflow.adapters.temporal_server.server import free_port
from dealflow.observability.metrics import Kind, Metric

Sample = tuple[str, dict[str, str], float]


@dataclass(frozen=True)
class Scraped:
    """Samples with their labels."""

    samples: list[Sample]

    def has(self, name: str) -> bool:
        """Whether there is a sample of exactly this name."""
        return any(each == name for each, _, _ in self.samples)

    def sum(self, name: str, **labels: str) -> float:
        """Over all samples of this name that have these labels."""
        return sum(value for each, held, value in self.samples if each == name and labels.items() <= held.items())

    def value(self, metric: Metric, **labels: str) -> float:
        """The one sample of a counter or gauge with exactly these labels; a count that never began is 0."""
        values = [value for each, held, value in self.samples if each == metric.name and held == labels]
        if not values and metric.kind is Kind.COUNTER:
            return 0
        [value] = values
        return value

    def count(self, metric: Metric) -> float:
        """How many values a histogram holds."""
        return self.sum(f"{metric.name}_count")


def scrape(address: str) -> Scraped:
    """Everything that is served there now."""
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    families = text_string_to_metric_families(text)
    return Scraped([(s.name, dict(s.labels), s.value) for family in families for s in family.samples])


def free_address() -> str:
    """On loopback, for whoever is told of it."""
    return f"127.0.0.1:{free_port()}"
