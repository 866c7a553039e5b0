"""What commands and looks leave in events, metrics and traces: what belongs together has one correlation id, and so one trace."""

from collections.abc import Iterator

import pytest

from dealflow.application.commands.causes import cause_in, causes_of
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.events import Stamp
from dealflow.domain.escalation.notice import Notice
from dealflow.domain.values.refusal import CommandRefused
from dealflow.observability import metrics as m
from dealflow.observability.metrics import Distribution, Metric
from dealflow.observability.traces import Cause, Span
from tests.support.deals.house import House, proof
from tests.support.deals.stories import day
from tests.support.observed.gathered_spans import gathered
from tests.support.stores.contested_store import ContestedStore

TALK = proof("t1", "talk", whom="decider")


@pytest.fixture(autouse=True)
def counted_from_zero() -> Iterator[None]:
    m.take()
    yield
    m.take()


@pytest.fixture
def spans() -> Iterator[list[Span]]:
    with gathered() as found:
        yield found


def send(house: House, *commands: c.Command, at: float, correlation_id: str, deal: str = "d1") -> None:
    house.clock.at = day(at)
    house.deals.handle(
        c.Envelope(
            command_id=f"{correlation_id}-1",
            deal_id=deal,
            who=c.Who(actor="anna"),
            commands=commands,
            correlation_id=correlation_id,
        )
    )


def look(house: House, at: float) -> list[Stamp]:
    """The stamps of what a look records, one for each event."""
    before = len(house.store.load("deal/d1"))
    house.clock.at = day(at)
    house.deals.progress("d1", 1, day(at))
    return [recorded.stamp for recorded in house.store.load("deal/d1")[before:]]


def moved() -> dict[tuple[Metric, tuple[str, ...]], object]:
    """What was counted, and for histograms the sum of what was observed."""
    return {
        (metric, labels): value.total if isinstance(value, Distribution) else value
        for metric, labels, value in m.take()
    }


def test_a_transition_belongs_to_the_command_that_met_the_gate_whatever_was_recorded_since() -> None:
    house = House().opened()
    send(house, TALK, at=1, correlation_id="call-7")
    send(house, proof("r1", "reply"), at=2, correlation_id="mail-8")
    stamps = look(house, 3)
    assert {(stamp.correlation_id, stamp.cause) for stamp in stamps} == {("call-7", "progress")}
    assert len({stamp.command_id for stamp in stamps}) == 1


def test_what_a_deadline_makes_due_begins_something_of_its_own() -> None:
    house = House().opened()
    send(house, proof("r1", "reply"), at=2, correlation_id="mail-8")
    warned, stalled = look(house, 9), look(house, 11)
    assert {stamp.correlation_id for stamp in warned} == {warned[0].command_id}
    assert {stamp.correlation_id for stamp in stalled} == {stalled[0].command_id} != {warned[0].correlation_id}


def test_a_stall_belongs_to_the_withdrawal_that_made_it_due() -> None:
    house = House().opened()
    send(house, TALK, at=9, correlation_id="call-7")
    send(house, c.WithdrawEvidence(evidence_id="t1", reason="a mistake"), at=11, correlation_id="undo-9")
    assert {stamp.correlation_id for stamp in look(house, 11.5)} == {"undo-9"}


def test_a_notice_carries_the_ids_of_the_events_that_it_tells_of() -> None:
    house = House().opened()
    [stamp, *_] = look(house, 11)
    notices = [waiting.notice for waiting in house.store.outbox.waiting("anna")]
    assert [(n.kind, n.correlation_id, n.command_id) for n in notices] == [
        ("escalation", stamp.correlation_id, stamp.command_id)
    ]


def test_a_decision_its_transition_and_the_word_to_the_owner_belong_together() -> None:
    house = House().opened()
    look(house, 11)
    decision = c.DecideEscalation(decision="waive", node="decider_met", reason="known")
    house.deals.handle(
        c.Envelope(
            command_id="c-d", deal_id="d1", who=c.Who(actor="dora"), commands=(decision,), correlation_id="call-7"
        )
    )
    advanced = look(house, 11.5)
    assert {stamp.correlation_id for stamp in advanced} == {"call-7"} and "stage_advanced" in house.topics()
    told = [waiting.notice for waiting in house.store.outbox.waiting("anna")]
    assert [(n.kind, n.correlation_id) for n in told][-1] == ("decided", "call-7")


def test_commands_are_counted_by_what_was_asked_and_refusals_by_reason() -> None:
    house = House().opened()
    house.do(TALK, proof("n1", "need"), command_id="c-1")
    house.do(TALK, proof("n1", "need"), command_id="c-1")
    house.refused(c.RecordMilestone(milestone="nothing"))
    house.refused(c.WaiveNode(node="need_confirmed", reason="known"), who="ops")
    house.refused(c.WaiveNode(node="need_confirmed", reason="known"), who="nobody")
    found = moved()
    assert (found[m.COMMANDS, ("open",)], found[m.COMMANDS, ("record_evidence",)]) == (1, 2)
    reasons = {labels[0]: value for (metric, labels), value in found.items() if metric is m.REFUSALS}
    assert reasons == {"unknown_milestone": 1, "not_permitted": 1, "unknown_person": 1}
    assert found[m.REPEATED, ()] == 1 and found[m.GROUP_SIZE, ()] == 2 and (m.COMMAND_SECONDS, ()) in found


def test_a_conflict_is_counted_each_time() -> None:
    house = House(seen=lambda store: ContestedStore(store, 0)).opened()
    assert isinstance(house.through, ContestedStore)
    house.through.conflicts = 3
    house.do(TALK)
    assert moved()[m.CONFLICTS, ()] == 3


def test_transitions_stalls_and_rungs_are_counted_by_process_and_never_by_deal() -> None:
    house = House().opened()
    house.do(TALK)
    look(house, 0.01)
    look(house, 6)
    look(house, 9)
    found = moved()
    assert found[m.TRANSITIONS, ("small", "meet", "learn")] == 1
    assert found[m.STALLS, ("small", "learn", "stage_age")] == 1
    assert (found[m.ESCALATIONS, ("small", "0")], found[m.ESCALATIONS, ("small", "1")]) == (1, 1)
    assert "d1" not in str([labels for _, labels in found])


def test_lateness_counts_from_the_deadline_and_the_advance_from_the_evidence() -> None:
    house = House().opened()
    house.clock.passes(days=1)
    house.do(TALK)
    house.clock.passes(minutes=5)
    house.do(proof("r1", "reply"))
    look(house, 1 + 0.25)
    assert moved()[m.ADVANCE, ()] == 6 * 3_600
    look(house, 1.25 + 5 + 0.5)
    assert moved()[m.LATENESS, ()] == pytest.approx(12 * 3_600)


def test_a_hint_is_counted_by_whether_temporal_took_it() -> None:
    house = House().opened()
    house.do(TALK)
    look(house, 0.01)
    look(house, 6)
    found = moved()
    assert found[m.WAKES, ("hint", "missed")] == 2 and found[m.RECIPIENT_WAKES, ("hint", "missed")] == 2


def test_an_accepted_command_is_one_span_with_its_append_and_its_wake(spans: list[Span]) -> None:
    house = House().opened()
    spans.clear()
    send(house, TALK, at=1, correlation_id="call-7")
    command, append, wake = spans
    assert [each.name for each in spans] == ["command record_evidence", "append", "wake"]
    cause = Cause("call-7", "call-7-1")
    assert (command.trace_id, command.span_id, command.parent) == (cause.trace_id, cause.span_id, None)
    assert append.parent is command and wake.parent is command and {each.error for each in spans} == {""}
    assert command.attributes == {
        "dealflow.deal": "d1", "dealflow.command_id": "call-7-1", "dealflow.correlation_id": "call-7",
        "dealflow.outcome": "accepted", "dealflow.version": 5,
    }  # fmt: skip
    assert append.attributes["dealflow.facts"] == (
        "deal.evidence_recorded.v1", "deal.node_reached.v1", "deal.gate_met.v1",
    )  # fmt: skip
    assert wake.attributes["dealflow.outcome"] == "missed"


def test_a_refused_or_repeated_command_is_a_span_in_the_same_trace_and_no_failure(spans: list[Span]) -> None:
    house = House().opened()
    with pytest.raises(CommandRefused):
        send(house, c.RecordMilestone(milestone="nothing"), at=1, correlation_id="call-7")
    send(house, TALK, at=1, correlation_id="call-7")
    send(house, TALK, at=1, correlation_id="call-7")
    commands = [
        each for each in spans if each.name.startswith("command") and each.trace_id == Cause("call-7", "").trace_id
    ]
    assert [each.attributes["dealflow.outcome"] for each in commands] == ["refused", "accepted", "repeated"]
    assert commands[0].attributes["dealflow.refused"] == ("unknown_milestone",)
    assert len({each.span_id for each in commands}) == 3 and {each.error for each in commands} == {""}


def test_a_look_goes_on_from_the_command_and_one_that_does_nothing_leaves_no_span(spans: list[Span]) -> None:
    house = House().opened()
    send(house, TALK, at=1, correlation_id="call-7")
    spans.clear()
    [stamp, *_] = look(house, 1.5)
    look(house, 2)
    progress, append = spans
    assert progress.name == "progress" and progress.parent == Cause("call-7", "call-7-1") and progress.links == ()
    assert progress.span_id == Cause("call-7", stamp.command_id).span_id and append.parent is progress
    assert progress.attributes["dealflow.due_for_seconds"] == 43_200


def test_a_look_for_a_deadline_is_a_trace_of_its_own_with_a_link_to_what_was_before(spans: list[Span]) -> None:
    house = House().opened()
    send(house, proof("r1", "reply"), at=2, correlation_id="mail-8")
    spans.clear()
    [stamp, *_] = look(house, 11)
    progress = spans[0]
    assert progress.parent is None and progress.links == (Cause("mail-8", "mail-8-1"),)
    assert progress.trace_id == Cause(stamp.command_id, "").trace_id
    assert progress.attributes["dealflow.by_deadline"] is True


def test_a_linked_deal_goes_on_from_the_command_that_opened_it(spans: list[Span]) -> None:
    house = House().opened()
    house.do(c.OverrideGate(reason="known"), who="dora")
    for evidence, kind, fields in (
        ("n1", "need", {}),
        ("o1", "offer", {"amount": "900"}),
        ("p1", "payment", {"amount": "1000"}),
    ):
        house.do(proof(evidence, kind, **fields))
    look(house, 0.01)
    send(house, proof("f1", "referral", referred="Wang Fang"), at=1, correlation_id="call-7")
    look(house, 1.01)
    opened = [name for name in house.store.streams("deal/") if name != "deal/d1"]
    assert len(opened) == 1
    stamp = house.store.load(opened[0])[0].stamp
    assert stamp.correlation_id == "call-7"
    assert cause_in(stamp).span_id in {each.span_id for each in spans}
    assert "Wang" not in str([each.attributes for each in spans])


def test_notices_of_several_commands_are_told_apart_and_those_of_before_have_no_cause() -> None:
    house = House().opened()
    look(house, 11)
    [told] = [waiting.notice for waiting in house.store.outbox.waiting("anna")]
    before: Notice = told.model_copy(update={"correlation_id": None, "command_id": None})
    other = told.model_copy(update={"correlation_id": "call-8"})
    assert causes_of([told, other, told, before]) == [
        Cause(str(told.correlation_id), str(told.command_id)),
        Cause("call-8", str(told.command_id)),
    ]
