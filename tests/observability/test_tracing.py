"""Spans: named by the ids that stand in the events, nested where they run, sent to a collector that may be away."""

import socket
import threading
from collections.abc import Iterator

import pytest

from dealflow.adapters.telemetry.spans import is_wanted, sent_at_the_end, sent_meanwhile
from dealflow.observability import traces
from dealflow.observability.traces import Cause, span
from dealflow.settings import Settings
from tests.support.observed.captured_logs import captured_logs
from tests.support.observed.gathered_spans import gathered
from tests.support.observed.otlp_receiver import otlp_receiver
from tests.support.waiting import LONGEST_SECONDS

COMMAND, LOOK = Cause("call-7", "call-7"), Cause("call-7", "progress/d-1/1/3")


def to(endpoint: str) -> Settings:
    return Settings.load(otlp_endpoint=endpoint)


def test_ids_come_from_the_events_so_that_every_process_finds_the_same() -> None:
    assert COMMAND.trace_id == LOOK.trace_id == Cause("call-7", "other").trace_id
    assert COMMAND.span_id != LOOK.span_id == Cause("call-7", "progress/d-1/1/3").span_id
    assert Cause("call-8", "call-7").span_id != COMMAND.span_id
    assert 0 < COMMAND.trace_id < 1 << 128 and 0 < COMMAND.span_id < 1 << 64


def test_with_nobody_to_send_them_to_steps_leave_nothing() -> None:
    assert not traces.is_on()
    with span("command open") as step, span("append"):
        step.note(deal="d-1")
        step.appended(COMMAND)
        traces.note(deal="d-1")
    with gathered() as spans:
        assert traces.is_on() and spans == []
    assert step.attributes == {} and step.trace_id == 1


def test_a_step_inside_another_is_its_part_and_follows_it_into_the_trace_that_is_known_only_later() -> None:
    with gathered() as spans, span("command open") as command:
        with span("append"):
            traces.note(version=3, nothing=None)
        command.appended(COMMAND)
        with span("wake") as wake:
            wake.note(by="hint")
    assert [each.name for each in spans] == ["command open", "append", "wake"]
    assert {each.trace_id for each in spans} == {COMMAND.trace_id} and spans[0].span_id == COMMAND.span_id
    assert [each.parent for each in spans] == [None, command, command]
    assert spans[1].attributes == {"dealflow.version": 3} and spans[2].attributes == {"dealflow.by": "hint"}
    assert all(each.started_ns <= each.ended_ns for each in spans)


def test_a_failure_is_named_by_its_kind_and_never_by_its_words() -> None:
    with gathered() as spans, pytest.raises(ValueError, match="Zhang"), span("deliver", after=COMMAND), span("send"):
        raise ValueError("Zhang Wei, +86 139 0000 1234")
    assert [each.error for each in spans] == ["ValueError", "ValueError"]
    assert "Zhang" not in str([each.attributes for each in spans])


def test_what_goes_on_from_another_process_arrives_in_its_trace_under_its_span() -> None:
    with otlp_receiver() as collector:
        with sent_at_the_end(to(collector.endpoint)):
            with span("progress", after=COMMAND, since_ns=1_000) as look:
                look.appended(LOOK)
                look.note(facts=("deal.stage_advanced.v1", "deal.clock_started.v1"), late_seconds=0.5)
            with span("deliver", links=[COMMAND, LOOK]):
                pass
        progress, deliver = collector.named("progress")[0], collector.named("deliver")[0]
    assert (progress.trace, progress.parent) == (f"{COMMAND.trace_id:032x}", f"{COMMAND.span_id:016x}")
    assert progress.id == f"{LOOK.span_id:016x}" and progress.started_ns == 1_000
    assert progress.attributes == {
        "dealflow.facts": ["deal.stage_advanced.v1", "deal.clock_started.v1"],
        "dealflow.late_seconds": 0.5,
    }
    assert progress.resource["service.name"] == "dealflow" and progress.resource["service.version"]
    assert deliver.parent == "" and deliver.trace != progress.trace
    assert [link for _, link in deliver.links] == [f"{COMMAND.span_id:016x}", f"{LOOK.span_id:016x}"]


def test_the_setting_or_the_standard_environment_names_the_collector(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_wanted(Settings.load(), {})
    assert is_wanted(to("http://127.0.0.1:4318"), {})
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"):
        assert is_wanted(Settings.load(), {name: "http://127.0.0.1:4318"})
    assert not is_wanted(to("http://127.0.0.1:4318"), {"OTEL_SDK_DISABLED": "true"})
    assert not is_wanted(to("http://127.0.0.1:4318"), {"OTEL_TRACES_EXPORTER": "none"})
    with otlp_receiver() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint)
        monkeypatch.setenv("OTEL_SERVICE_NAME", "sales")
        with sent_meanwhile(Settings.load()), span("wake"):
            pass
        assert [each.resource["service.name"] for each in collector.named("wake")] == ["sales"]


def test_a_sampler_of_the_environment_keeps_or_drops_whole_traces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0.5")
    causes = [Cause(f"call-{number}", "c-1") for number in range(40)]
    with otlp_receiver() as collector:
        with sent_at_the_end(to(collector.endpoint)):
            for cause in causes:
                with span("command open", correlation_id=cause.correlation_id), span("append"):
                    pass
                with span("progress", after=cause):
                    pass
        kept = [{each.trace for each in collector.named(name)} for name in ("command open", "append", "progress")]
    assert kept[0] == kept[1] == kept[2] and 0 < len(kept[0]) < len(causes)


def test_a_command_without_spans_asks_no_collector_and_one_without_a_collector_leaves_no_sink() -> None:
    with otlp_receiver() as collector:
        with sent_at_the_end(to(collector.endpoint)):
            assert traces.is_on()
        assert collector.requests == 0
    with sent_at_the_end(Settings.load()), sent_meanwhile(Settings.load()):
        assert not traces.is_on()


def test_a_collector_that_refuses_costs_a_command_one_line() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        with captured_logs() as logged:
            send_one(endpoint)
    assert [(line["event"], line["spans"], line["endpoint"]) for line in logged] == [
        ("traces.lost", 1, f"{endpoint}/v1/traces")
    ]


def test_a_collector_that_is_ill_is_not_asked_again_by_a_command() -> None:
    with otlp_receiver() as collector:
        collector.status = 503
        send_one(collector.endpoint)
        assert collector.requests == 1


@pytest.fixture
def silent() -> Iterator[str]:
    """A collector that never answers. What was left to it is given up before the next test, in whose output it would be said."""
    with captured_logs():
        with socket.create_server(("127.0.0.1", 0)) as listening:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        for thread in threading.enumerate():
            if thread.name == "traces":
                thread.join(LONGEST_SECONDS)
                assert not thread.is_alive()


def test_a_collector_that_never_answers_does_not_hold_up_a_command(silent: str) -> None:
    send_one(silent)


def test_a_part_ends_before_a_collector_that_never_answers_is_given_up(silent: str) -> None:
    with sent_meanwhile(to(silent)), span("wake"):
        pass
    assert is_still_sending()


def send_one(endpoint: str) -> None:
    """One span of a command."""
    with sent_at_the_end(to(endpoint)), span("command open"):
        pass


def is_still_sending() -> bool:
    """Whether the thread that sends spans waits for its answer."""
    return any(thread.name == "traces" for thread in threading.enumerate())
