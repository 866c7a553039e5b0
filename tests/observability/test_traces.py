"""Traces of a real run: commands, worker and relay in processes of their own, a collector that takes OTLP over HTTP."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dealflow.adapters.temporal_server.server import RunningServer
from dealflow.cli.user import os_user
from dealflow.observability.traces import Cause
from tests.support.observed.otlp_receiver import OtlpReceiver, Received, otlp_receiver
from tests.support.running.command_line import Terminal
from tests.support.running.programs import environment_of, programs
from tests.support.running.running_system import RunningSystem, running_system
from tests.support.waiting import LONGEST_SECONDS, until

TITLE, REASON = "Flat of Zhang Wei", "he told me so on the phone"


def of(correlation_id: str, command_id: str = "") -> tuple[str, str]:
    """The ids of trace and span of a command, as they are sent."""
    cause = Cause(correlation_id, command_id or correlation_id)
    return f"{cause.trace_id:032x}", f"{cause.span_id:016x}"


class Story:
    """One deal from its opening over a stall to the decision that moves it on, and everything that was sent of it."""

    def __init__(self, running: RunningSystem, collector: OtlpReceiver) -> None:
        self.running, self.collector = running, collector
        self.deal = f"deal-{running.settings.home.name}"
        self.sent_to = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, "OTEL_BSP_SCHEDULE_DELAY": "500"}
        people = running.settings.people
        me = f"  - {{id: me, name: Me, role: operations, users: [{os_user()}], acts_for: [{running.seller}, {running.director}]}}"
        people.write_text(people.read_text().replace(f", users: [{os_user()}]", "") + me + "\n")

    def command(self, *words: str, by: str, command_id: str, **more: str) -> Any:
        """A command line of its own process."""
        terminal = Terminal(self.running.settings.home, **environment_of(self.running.settings), **self.sent_to)
        terminal.environment.update(more)
        return terminal.json(*words, "--on-behalf-of", by, "--command-id", command_id)

    def tell(self) -> None:
        """Everything with its processes; the parts are ended in order, so that all has been sent."""
        seller, director = self.running.seller, self.running.director
        with programs(self.running, **self.sent_to) as started:
            parts = [started.start("worker"), started.start("relay")]
            assert until(lambda: started.works(*parts))
            named = ("--process", "two-steps", "--owner", seller, "--id", self.deal)
            self.command("deal", "open", TITLE, *named, by=seller, command_id="open-1")
            assert until(lambda: self.running.deal(self.deal).open_stalls)
            waived = ("escalation", "decide", self.deal, "waive", "--reason", REASON)
            self.command(*waived, by=director, command_id="decide-1")
            assert until(lambda: self.running.deal(self.deal).stage == "sign")
            ordered = ("evidence", "record", self.deal, "order", "--field", "number=1", "--id", "o-1")
            away = "127.0.0.1:9"
            self.command(*ordered, by=seller, command_id="order-1", DEALFLOW_TEMPORAL_ADDRESS=away)
            assert until(lambda: not self.running.deal(self.deal).in_progress)
            assert until(lambda: self.running.system.outbox.counts()["delivered"] >= 3)
            assert [part.end(signal.SIGTERM) for part in parts] == [0, 0]

    def spans(self, correlation_id: str) -> list[Received]:
        """All of one trace, in the order of their beginning."""
        trace, _ = of(correlation_id)
        return sorted((s for s in self.collector.spans if s.trace == trace), key=lambda span: span.started_ns)


@pytest.fixture(scope="module")
def story(temporal_server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    home = tmp_path_factory.mktemp("traced")
    with running_system(home, temporal_server.address, learn="3 seconds") as running, otlp_receiver() as collector:
        story = Story(running, collector)
        story.tell()
        yield story


def test_command_transition_and_notice_are_one_trace_by_correlation_id(story: Story) -> None:
    trace, command_id = of("decide-1")
    spans = {span.name: span for span in story.spans("decide-1")}
    assert set(spans) == {"command decide", "append", "wake", "progress", "deliver"}
    command, progress, deliver = spans["command decide"], spans["progress"], spans["deliver"]
    assert (command.trace, command.id, command.parent) == (trace, command_id, "")
    assert command.attributes["dealflow.outcome"] == "accepted" and command.attributes["dealflow.deal"] == story.deal
    assert progress.parent == command_id and spans["wake"].parent == command_id
    assert deliver.parent == command_id and deliver.attributes["dealflow.channel"] == "file"
    assert {each.attributes["dealflow.correlation_id"] for each in (command, progress, deliver)} == {"decide-1"}
    [advanced] = [
        each.stamp
        for each in story.running.system.store.load(f"deal/{story.deal}")
        if each.fact.topic == "deal.stage_advanced.v1"
    ]
    assert advanced.correlation_id == "decide-1" and progress.id == of("decide-1", advanced.command_id)[1]


def test_a_deadline_is_a_trace_of_its_own_with_its_notices_and_a_link_to_the_command_before(story: Story) -> None:
    [progress] = [span for span in story.collector.named("progress") if span.attributes["dealflow.by_deadline"]]
    assert progress.parent == "" and progress.links == (of("open-1"),)
    spans = story.spans(progress.attributes["dealflow.correlation_id"])
    told = [span for span in spans if span.name == "deliver"]
    assert [span.parent for span in told] == [progress.id, progress.id]
    assert sorted(span.attributes["dealflow.notices"] for span in told) == [1, 1]


def test_where_a_hint_did_not_arrive_the_wake_of_the_relay_goes_on_from_the_command(story: Story) -> None:
    _, command_id = of("order-1")
    wakes = [span for span in story.spans("order-1") if span.name == "wake"]
    assert [(w.attributes["dealflow.by"], w.attributes["dealflow.outcome"]) for w in wakes] == [
        ("hint", "missed"),
        ("relay", "signalled"),
    ]
    assert {wake.parent for wake in wakes} == {command_id}
    [progress] = [span for span in story.spans("order-1") if span.name == "progress"]
    assert progress.parent == command_id and "deal.won.v1" in str(story.spans("order-1"))


def test_every_span_stands_under_one_that_was_sent_and_lies_within_its_time(story: Story) -> None:
    by_id = {(span.trace, span.id): span for span in story.collector.spans}
    assert len(by_id) == len(story.collector.spans) >= 15
    for span in story.collector.spans:
        assert 0 < span.started_ns <= span.ended_ns and span.error == ""
        assert span.resource["service.name"] == "dealflow"
        for link in span.links:
            assert link in by_id
        if span.parent:
            parent = by_id[span.trace, span.parent]
            assert parent.started_ns <= span.started_ns


def test_nothing_personal_is_sent(story: Story) -> None:
    sent = json.dumps([span.attributes | span.resource for span in story.collector.spans])
    for word in ("Zhang", "phone", story.running.seller, story.running.director, "Anna", "o-1"):
        assert word not in sent


def test_a_collector_that_is_away_fails_no_command_and_is_one_line(story: Story, tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        more = {"DEALFLOW_OTLP_ENDPOINT": f"http://127.0.0.1:{nobody.getsockname()[1]}"}
        terminal = Terminal(tmp_path / "home", **more)
        done = terminal.run("process", "publish", str(story.running.settings.home / "two-steps.yaml"))
        assert done.returncode == 0
        opened = terminal.run("deal", "open", TITLE, "--process", "two-steps", "--id", "d-1", "--json")
    assert opened.returncode == 0 and json.loads(opened.stdout)["deal_id"] == "d-1"
    assert opened.stderr.count("traces.lost") == 1 and "Traceback" not in opened.stderr
    assert len(opened.stderr.splitlines()) == 1


def test_reading_a_deal_loads_nothing_for_traces_even_when_they_are_sent(story: Story) -> None:
    code = (
        "import sys; from dealflow.cli.main import run; code = run(sys.argv[1:]);"
        "print(code, *(name for name in sys.modules if name.startswith(('opentelemetry', 'prometheus'))), file=sys.stderr)"
    )
    environment = environment_of(story.running.settings) | story.sent_to
    words = [sys.executable, "-c", code, "deal", "show", story.deal]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=True)
    assert done.stderr.split() == ["0"]
