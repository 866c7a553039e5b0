"""Metrics of a real run, scraped as Prometheus does; the dashboard and the alerts ask for nothing that is not there."""

import asyncio
import json
import re
import signal
import socket
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import promql_parser
import pytest
from ruamel.yaml import YAML

from dealflow.adapters.telemetry.observing import observed
from dealflow.adapters.temporal_server.server import RunningServer
from dealflow.cli.user import os_user
from dealflow.observability import metrics as m
from dealflow.observability.metrics import CATALOGUE, Kind
from tests.support.observed.measured_run import MeasuredRun
from tests.support.observed.scraped import free_address, scrape
from tests.support.paths import ROOT
from tests.support.running.command_line import Terminal
from tests.support.running.programs import programs
from tests.support.running.running_system import running_system
from tests.support.waiting import LONGEST_SECONDS, until

OPERATIONS = ROOT / "docs" / "operations"
DASHBOARD: dict[str, Any] = json.loads((OPERATIONS / "grafana-dashboard.json").read_text("utf-8"))
PANELS: list[dict[str, Any]] = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
RULES: list[dict[str, Any]] = YAML(typ="safe").load(OPERATIONS / "alerts.yaml")["groups"][0]["rules"]
QUERIES = [(panel["title"], target["expr"]) for panel in PANELS for target in panel["targets"]]
ALERTS = [(rule["alert"], rule["expr"]) for rule in RULES]


@pytest.fixture(scope="module")
def run(temporal_server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MeasuredRun]:
    home = tmp_path_factory.mktemp("measured")
    m.take()
    with running_system(home, temporal_server.address, learn="4 seconds") as running:
        settings = running.settings.model_copy(update={"metrics_address": free_address()})
        run = MeasuredRun(running, settings.metrics_address, os_user())
        with observed(settings):
            asyncio.run(run.live())
        yield run


def parsed(query: str) -> promql_parser.Expr:
    """As Prometheus reads it, with what Grafana fills in."""
    return promql_parser.parse(query.replace("$__rate_interval", "5m").replace("$job", "dealflow"))


def names_in(query: str) -> set[str]:
    """The metrics that it asks for."""
    found: set[str] = set()

    def visit(node: promql_parser.Expr) -> bool:
        if isinstance(node, promql_parser.VectorSelector) and node.name:
            found.add(node.name)
        return True

    promql_parser.walk(parsed(query), visit)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", CATALOGUE)
def test_every_metric_of_the_catalogue_moves_in_a_real_run(run: MeasuredRun, name: str) -> None:
    assert run.has_moved(CATALOGUE[name])


@pytest.mark.slow
def test_a_real_run_counts_what_happened(run: MeasuredRun) -> None:
    last = run.last
    assert last.value(m.TRANSITIONS, process="two-steps", from_stage="learn", to_stage="sign") == 1
    assert last.value(m.STALLS, process="two-steps", stage="learn", clock="stage_age") == 3
    assert last.value(m.ESCALATIONS, process="two-steps", rung="0") == 3
    assert last.value(m.COMMANDS, command="open") == 4 and last.value(m.REPEATED) == 1
    assert last.value(m.REFUSALS, reason="unknown_kind") == 1
    assert last.count(m.ADVANCE) == 1 and last.count(m.LATENESS) == 3
    assert last.value(m.ABANDONED) >= 1 and last.value(m.DELIVERED, channel="file") >= 1
    assert last.value(m.FAILED, channel="json") >= 1


@pytest.mark.slow
@pytest.mark.parametrize(("title", "query"), QUERIES + ALERTS)
def test_what_is_asked_for_is_there_in_a_real_run(run: MeasuredRun, title: str, query: str) -> None:
    there = {name for scraped in run.scrapes for name, _, _ in scraped.samples} | {"up"}  # Prometheus' own
    assert names_in(query) - there == set(), title


@pytest.mark.slow
@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: str(panel["title"]))
def test_what_a_legend_names_is_a_label_that_the_query_keeps(run: MeasuredRun, panel: dict[str, Any]) -> None:
    for target in panel["targets"]:
        for label in re.findall(r"{{(\w+)}}", target["legendFormat"]):
            if label == "instance":  # given by Prometheus
                continue
            assert re.search(rf"by \([^)]*\b{label}\b[^)]*\)", target["expr"])
            names = names_in(target["expr"])
            assert any(label in labels for s in run.scrapes for name, labels, _ in s.samples if name in names)


def test_every_metric_of_the_catalogue_is_shown_somewhere() -> None:
    shown = {name for _, query in QUERIES for name in names_in(query)}
    suffixes = {Kind.HISTOGRAM: ("_bucket", "_sum", "_count")}
    for metric in CATALOGUE.values():
        assert shown & {metric.name + suffix for suffix in suffixes.get(metric.kind, ("",))}, metric.name


def test_the_dashboard_is_one_that_grafana_takes() -> None:
    assert DASHBOARD["schemaVersion"] >= 41 and DASHBOARD["uid"] == "dealflow"
    [source, job] = DASHBOARD["templating"]["list"]
    assert (source["type"], source["query"]) == ("datasource", "prometheus")
    assert names_in(job["query"]["query"].split("(")[1].split(",")[0]) <= set(CATALOGUE)
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    for panel in PANELS:
        assert panel["title"] and panel["description"]
        for part in (panel, *panel["targets"]):
            assert part["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        references = [target["refId"] for target in panel["targets"]]
        assert len(references) == len(set(references))
    rows = [panel["title"] for panel in DASHBOARD["panels"] if panel["type"] == "row"]
    assert rows == ["Is it working?", "Commands", "Deals moving", "Telling people", "Temporal", "Store and projections"]


def test_no_panel_lies_over_another_or_beyond_the_edge() -> None:
    def area(panel: dict[str, Any]) -> tuple[int, int, int, int]:
        grid = panel["gridPos"]
        return grid["x"], grid["y"], grid["x"] + grid["w"], grid["y"] + grid["h"]

    areas = {panel["title"]: area(panel) for panel in DASHBOARD["panels"]}
    assert all(x >= 0 and right <= 24 for x, _, right, _ in areas.values())
    for (one, (x1, y1, r1, b1)), (other, (x2, y2, r2, b2)) in combinations(areas.items(), 2):
        assert r1 <= x2 or r2 <= x1 or b1 <= y2 or b2 <= y1, (one, other)


def test_every_alert_says_what_to_do() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES) == 8
    for rule in RULES:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert rule["annotations"]["summary"] and rule["annotations"]["do"].endswith(".")
        parsed(rule["expr"])


def test_the_page_for_operations_tells_of_these_files_and_settings() -> None:
    page = (OPERATIONS / "README.md").read_text("utf-8")
    for word in ("alerts.yaml", "grafana-dashboard.json", "DEALFLOW_METRICS_ADDRESS", "DEALFLOW_OTLP_ENDPOINT"):
        assert word in page
    assert "eight alerts" in page


@pytest.mark.parametrize("part", ["worker", "relay"])
def test_an_address_that_cannot_be_served_ends_a_part_with_one_sentence(tmp_path: Path, part: str) -> None:
    terminal = Terminal(tmp_path / "home")
    assert terminal.run("process", "publish", "process_defs/standard-sale.yaml").returncode == 0
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        terminal.environment["DEALFLOW_METRICS_ADDRESS"] = f"127.0.0.1:{taken.getsockname()[1]}"
        done = terminal.run(part)
    assert done.returncode == 3 and "metrics cannot be served at 127.0.0.1" in done.stderr
    assert "Traceback" not in done.stderr
    terminal.environment["DEALFLOW_METRICS_ADDRESS"] = "9464"
    done = terminal.run(part)
    assert done.returncode == 2 and "must be host:port such as 127.0.0.1:9464" in done.stderr


@pytest.mark.slow
def test_up_serves_all_of_its_parts_and_what_commands_record_at_one_address(
    temporal_server: RunningServer, tmp_path: Path
) -> None:
    address = free_address()
    configured = {"DEALFLOW_TEMPORAL_ADDRESS": temporal_server.address, "DEALFLOW_TEMPORAL_QUEUE": "up-measured"}
    terminal = Terminal(tmp_path / "home", **configured)
    terminal.json("process", "publish", "process_defs/standard-sale.yaml")
    terminal.environment["DEALFLOW_METRICS_ADDRESS"] = address
    with terminal.up() as up:
        assert until(lambda: scrape(address).has(m.LOG_POSITION.name))
        published = scrape(address).value(m.LOG_POSITION)
        opened = terminal.json("deal", "open", "Measured", "--process", "standard-sale", "--id", "up-measured-1")
        assert opened["wake"]
        assert until(lambda: scrape(address).sum(m.LOG_POSITION.name) > published)
        found = scrape(address)
        assert found.value(m.STORE_UP) == 1 and found.value(m.IN_PROGRESS) == 1
        assert until(lambda: scrape(address).sum("temporal_worker_task_slots_available") > 0)
        second = Terminal(tmp_path / "second", **configured, DEALFLOW_METRICS_ADDRESS=address)
        second.json("process", "publish", "process_defs/standard-sale.yaml")
        done = second.run("up", "--no-ui")
        assert done.returncode == 3 and f"metrics cannot be served at {address}" in done.stderr
        up.process.send_signal(signal.SIGTERM)
        assert up.process.wait(LONGEST_SECONDS) == 0 and "Traceback" not in up.logged


@pytest.mark.slow
def test_worker_and_relay_serve_ours_and_temporals_each_at_its_own_address(
    temporal_server: RunningServer, tmp_path: Path
) -> None:
    of_worker, of_relay = free_address(), free_address()
    with (
        running_system(tmp_path / "served", temporal_server.address) as running,
        programs(running, DEALFLOW_METRICS_ADDRESS=of_worker) as workers,
        programs(running, DEALFLOW_METRICS_ADDRESS=of_relay) as relays,
    ):
        worker, relay = workers.start("worker"), relays.start("relay")
        assert until(lambda: workers.works(worker, relay))
        # The relay brings every run back where it comes first, and what it wakes so is counted by nobody.
        assert until(running.system.parts.known_server.read)
        running.open("served-1")
        assert until(lambda: scrape(of_relay).sum(m.WAKES.name, by="relay") == 1)
        assert scrape(of_relay).value(m.STORE_UP) == 1 and not scrape(of_worker).has(m.STORE_UP.name)
        assert until(lambda: scrape(of_worker).has("temporal_worker_task_slots_available"))
        assert scrape(of_relay).sum("temporal_request_total") > 0
        assert [part.end(signal.SIGTERM) for part in (worker, relay)] == [0, 0]
        assert "metrics.served" in worker.logged
