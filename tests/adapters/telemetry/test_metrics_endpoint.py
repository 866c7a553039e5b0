"""Metrics over HTTP: what Prometheus reads, from this process and from Temporal's SDK."""

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from dealflow.adapters.telemetry.endpoint import MetricsNotServed, serving
from dealflow.observability import metrics as m
from dealflow.observability.metrics import CATALOGUE, Distribution, Kind, Measured
from tests.support.observed.scraped import Scraped, free_address, scrape


@pytest.fixture
def address() -> Iterator[str]:
    m.take()
    address = free_address()
    host, _, port = address.rpartition(":")
    with serving(host, int(port)):
        yield address
    m.take()


def test_names_follow_the_conventions_of_prometheus() -> None:
    for metric in CATALOGUE.values():
        assert metric.name.startswith("dealflow_") and metric.says.endswith(".")
        assert metric.name.endswith("_total") == (metric.kind is Kind.COUNTER)
        assert bool(metric.buckets) == (metric.kind is Kind.HISTOGRAM) and list(metric.buckets) == sorted(
            metric.buckets
        )
        assert not {"deal", "deal_id", "person", "recipient", "owner", "customer", "le"} & set(metric.labels)


def test_what_has_no_labels_is_there_before_it_moves(address: str) -> None:
    found = scrape(address)
    assert found.value(m.ABANDONED) == 0 and found.value(m.CONFLICTS) == 0
    assert found.count(m.LATENESS) == 0
    assert not found.has(m.COMMANDS.name) and not found.has(m.STORE_UP.name)
    assert found.has("process_resident_memory_bytes")


def test_counts_and_times_arrive_with_their_labels_and_buckets(address: str) -> None:
    m.count(m.TRANSITIONS, "standard-sale", "需求", 'a "b"\nc')
    m.count(m.TRANSITIONS, "standard-sale", "需求", 'a "b"\nc', by=2)
    for seconds in (0.1, 0.2, 3, 1e9):
        m.observe(m.LATENESS, seconds)
    found = scrape(address)
    assert found.value(m.TRANSITIONS, process="standard-sale", from_stage="需求", to_stage='a "b"\nc') == 3
    assert found.count(m.LATENESS) == 4
    buckets = {labels["le"]: value for name, labels, value in found.samples if name == f"{m.LATENESS.name}_bucket"}
    assert (buckets["0.1"], buckets["0.25"], buckets["5.0"], buckets["604800.0"], buckets["+Inf"]) == (1, 2, 3, 3, 4)


def test_a_source_is_asked_at_each_scrape_while_it_is_given(address: str) -> None:
    with m.given_by(lambda: [(m.IN_PROGRESS, (), 7.0)]):
        assert scrape(address).value(m.IN_PROGRESS) == 7
    assert not scrape(address).has(m.IN_PROGRESS.name)


def test_only_metrics_are_served(address: str) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"http://{address}/", timeout=5)
    answer = urllib.request.urlopen(f"http://{address}/metrics?x=1", timeout=5)
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert list(text_string_to_metric_families(answer.read().decode()))


def test_an_address_that_is_taken_or_nowhere_is_one_sentence(address: str) -> None:
    host, _, port = address.rpartition(":")
    with pytest.raises(MetricsNotServed, match=f"cannot be served at {address}: "), serving(host, int(port)):
        pass
    with pytest.raises(MetricsNotServed, match=r"nowhere\.invalid:9464"), serving("nowhere.invalid", 9464):
        pass


def test_counting_from_many_threads_loses_nothing() -> None:
    measured = Measured()

    def count() -> None:
        for _ in range(1_000):
            measured.count(m.COMMANDS, "open")
            measured.observe(m.GROUP_SIZE, 2)

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert measured.take() == [
        (m.COMMANDS, ("open",), 8_000),
        (m.GROUP_SIZE, (), Distribution((0, 8_000, 0, 0, 0, 0, 0, 0), 16_000)),
    ]
    assert measured.take() == []


def test_the_double_reads_what_prometheus_reads() -> None:
    found = Scraped([("a_total", {"x": "1"}, 2.0), ("a_total", {"x": "2"}, 3.0)])
    assert found.sum("a_total") == 5 and found.sum("a_total", x="2") == 3
