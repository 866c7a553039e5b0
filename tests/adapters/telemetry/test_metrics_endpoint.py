"""Metrics over HTTP: what Prometheus reads, from this process, from Temporal's SDK and from commands that have ended."""

import json
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from dealflow.adapters.telemetry.endpoint import MetricsNotServed, serving
from dealflow.adapters.telemetry.passed_counts import pass_on, path_of, taken_in
from dealflow.observability import metrics as m
from dealflow.observability.metrics import CATALOGUE, Distribution, Kind, Measured
from tests.support.captured_logs import captured_logs
from tests.support.command_line import eventually
from tests.support.scraped import Scraped, free_address, scrape


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
    assert not measured.moved() and measured.take() == []


def counted_by_another_process(home: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from dealflow.observability import metrics as m;"
        "from dealflow.adapters.telemetry.passed_counts import pass_on;"
        "m.count(m.REFUSALS, 'own_deal'); m.observe(m.COMMAND_SECONDS, 0.2); pass_on(Path(sys.argv[1]))"
    )
    subprocess.run([sys.executable, "-c", code, str(home)], check=True, timeout=60)


def test_a_command_that_has_ended_is_counted_by_the_process_that_serves_its_folder(
    tmp_path: Path, address: str
) -> None:
    with taken_in(tmp_path):
        assert path_of(tmp_path).stat().st_mode & 0o777 == 0o600
        counted_by_another_process(tmp_path)
        counted_by_another_process(tmp_path)
        assert eventually(lambda: scrape(address).count(m.COMMAND_SECONDS) == 2, 10)
        assert scrape(address).value(m.REFUSALS, reason="own_deal") == 2
    assert not path_of(tmp_path).exists()
    counted_by_another_process(tmp_path)


def test_the_file_of_a_process_that_was_killed_is_in_nobodys_way(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as dead:
        dead.bind(str(path_of(tmp_path)))
    m.count(m.REPEATED)
    pass_on(tmp_path)
    with taken_in(tmp_path):
        m.count(m.REPEATED)
        pass_on(tmp_path)
        assert eventually(m.moved, 10)
    assert m.take() == [(m.REPEATED, (), 1)]


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\xff\xfe",
        b"[1]",
        b"{}",
        json.dumps([["dealflow_no_such_total", [], 1]]).encode(),
        json.dumps([[m.STORE_UP.name, [], 1]]).encode(),
        json.dumps([[m.COMMANDS.name, [], 1]]).encode(),
        json.dumps([[m.COMMANDS.name, ["open"], "many"]]).encode(),
        json.dumps([[m.LATENESS.name, [], [[1, 2], 3]]]).encode(),
        json.dumps([[m.REPEATED.name, [], 1], [m.LATENESS.name, [], None]]).encode(),
    ],
)
def test_what_is_not_of_this_version_counts_nothing_and_stops_nothing(tmp_path: Path, sent: bytes) -> None:
    m.take()
    with taken_in(tmp_path), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.sendto(sent, str(path_of(tmp_path)))
        sender.sendto(json.dumps([[m.CONFLICTS.name, [], 1]]).encode(), str(path_of(tmp_path)))
        assert eventually(m.moved, 10)
    assert m.take() == [(m.CONFLICTS, (), 1)]


def test_a_folder_whose_path_is_too_long_for_a_socket_is_said(tmp_path: Path) -> None:
    with captured_logs() as logged, taken_in(tmp_path / ("x" * 100)):
        pass
    assert [line["event"] for line in logged] == ["metrics.incomplete"]


def test_the_double_reads_what_prometheus_reads() -> None:
    found = Scraped([("a_total", {"x": "1"}, 2.0), ("a_total", {"x": "2"}, 3.0)])
    assert found.sum("a_total") == 5 and found.sum("a_total", x="2") == 3
