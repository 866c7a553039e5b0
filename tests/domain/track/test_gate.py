"""How a stage is left: by nodes, milestones, both, an optional node, a person; several gates in one evaluation."""

import pytest

from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.state import NodeStatus
from dealflow.domain.values.refusal import Code
from tests.support.deals.plain_process import process_of, variant
from tests.support.deals.stories import Story, day

MIXED = """\
process: mixed
calendar: plain
evidence: {note: {}, deed: {}, extra: {}}
stages:
  - id: plan
    gate: milestones
    milestones: [drafted, checked]
    nodes: [{id: noted, standard: {evidence: note}}]
    clocks: {stage_age: {limit: 5 days}}
  - id: agree
    gate: both
    milestones: [sent]
    nodes: [{id: agreed, standard: {evidence: note}}]
    clocks: {stage_age: {limit: 5 days}}
  - id: free
    milestones: [{id: called, leaves: true}, {id: written, leaves: true}, looked]
    nodes: [{id: extra_seen, optional: true, standard: {evidence: extra}}]
    clocks: {stage_age: {limit: 5 days}}
  - id: sign
    wins: true
    nodes: [{id: signed, standard: {evidence: deed}}]
    clocks: {stage_age: {limit: 5 days}}
"""


def milestone(story: Story, name: str, at: float = 0) -> None:
    story.do(c.RecordMilestone(milestone=name), at=day(at))
    story.progress()


def mixed_at(stage: str) -> Story:
    story = Story(process_of(MIXED)).opened()
    for name in ("drafted", "checked"):
        milestone(story, name)
    if stage == "free":
        milestone(story, "sent")
        story.evidence("note")
        story.progress()
    assert story.deal.stage == stage
    return story


def test_recording_evidence_never_moves_a_stage() -> None:
    story = Story().opened()
    story.evidence("talk", whom="decider")
    assert (story.deal.stage, story.topics()[-1]) == ("meet", "gate_met")


def test_a_stage_is_left_when_all_its_required_nodes_are_passed() -> None:
    story = Story().opened()
    story.evidence("talk", whom="helper")
    assert story.progress(day(1)) == []
    story.evidence("talk", whom="decider", at=day(2))
    story.progress(day(2))
    advanced = story.last(e.StageAdvanced)
    assert (advanced.from_stage, advanced.to_stage, advanced.visit, advanced.pass_through) == (
        "meet",
        "learn",
        2,
        False,
    )


def test_a_live_transition_is_dated_when_it_is_made() -> None:
    story = Story().opened()
    story.evidence("talk", at=day(3), observed=day(2), whom="decider")
    story.progress(day(4))
    assert story.last(e.GateMet).effective_at == day(2)
    assert story.last(e.StageAdvanced).effective_at == day(4)
    assert story.deal.entered_at == day(4)


def test_one_evaluation_passes_several_gates_each_a_transition_of_its_own() -> None:
    story = Story().opened()
    story.evidence("need")
    story.evidence("offer", amount="600", at=day(1))
    story.evidence("talk", whom="decider", at=day(2))
    facts = story.progress(day(2))
    advanced = [fact for fact in facts if isinstance(fact, e.StageAdvanced)]
    assert [(fact.to_stage, fact.visit, fact.pass_through) for fact in advanced] == [
        ("learn", 2, False), ("haggle", 3, True), ("sign", 4, True),
    ]  # fmt: skip
    assert [visit.pass_through for visit in story.deal.visits] == [False, True, True, False]
    assert [fact.stage for fact in facts if isinstance(fact, e.ClockStarted)] == ["sign"]


def test_a_pass_through_visit_is_marked_however_late_the_worker_comes() -> None:
    story = Story().opened()
    story.evidence("need")
    story.evidence("talk", whom="decider", at=day(2))
    story.progress(day(9))
    assert [visit.pass_through for visit in story.deal.visits] == [False, True, False]


def test_evidence_observed_before_the_entry_and_recorded_after_it_makes_no_pass_through_visit() -> None:
    story = Story().opened().moved_to("learn")
    story.evidence("need", at=day(2), observed=day(-1))
    story.progress(day(2))
    assert story.last(e.StageAdvanced).pass_through is False


def test_all_milestones_leave_a_stage_whose_gate_is_milestones() -> None:
    story = Story(process_of(MIXED)).opened()
    story.evidence("note")
    milestone(story, "drafted")
    assert story.deal.stage == "plan"
    milestone(story, "checked", 1)
    assert story.deal.stage == "agree"
    assert story.last(e.GateMet).how == "milestones"


def test_the_customers_stage_counts_nodes_although_the_gate_does_not() -> None:
    story = mixed_at("agree")
    assert (story.tracks.customer_stage, story.tracks.gap) == ("plan", 1)


@pytest.mark.parametrize("order", [("note", "sent"), ("sent", "note")])
def test_a_stage_whose_gate_is_both_needs_nodes_and_milestones(order: tuple[str, str]) -> None:
    story = mixed_at("agree")
    for act in order:
        assert story.deal.stage == "agree"
        story.do(c.RecordMilestone(milestone="sent") if act == "sent" else story.evidence_of("note"), at=day(1))
        story.progress()
    assert (story.deal.stage, story.last(e.GateMet).how) == ("free", "both")


def test_a_stage_without_required_nodes_is_not_left_by_itself() -> None:
    story = mixed_at("free")
    assert story.deal.ready is None and story.progress(day(4)) == []


def test_a_stage_without_required_nodes_is_left_by_all_milestones_marked_as_leaving_it() -> None:
    story = mixed_at("free")
    milestone(story, "called")
    assert story.deal.stage == "free"
    milestone(story, "written")
    assert (story.deal.stage, story.last(e.GateMet).how) == ("sign", "milestones")


def test_a_milestone_that_is_not_marked_leaves_nothing() -> None:
    story = mixed_at("free")
    milestone(story, "looked")
    assert story.deal.stage == "free"


def test_a_stage_without_required_nodes_is_left_by_an_optional_node_reached() -> None:
    story = mixed_at("free")
    story.evidence("extra", at=day(1))
    story.progress()
    assert (story.deal.stage, story.last(e.GateMet).how) == ("sign", "optional_node")


def test_a_stage_without_required_nodes_is_left_by_a_person() -> None:
    story = mixed_at("free")
    story.do(c.OverrideGate(reason="nothing more to do here"), who="dora")
    story.progress()
    assert story.deal.stage == "sign"


def test_an_optional_node_does_not_leave_a_stage_with_required_ones() -> None:
    story = Story().opened().moved_to("learn")
    for _ in range(2):
        story.evidence("question")
    assert story.deal.node("details_asked").status is NodeStatus.REACHED
    assert story.deal.ready is None


def test_a_waiver_counts_as_passed_and_stands_on_record_with_its_reason() -> None:
    story = Story().opened()
    story.do(c.WaiveNode(node="decider_met", reason="the owner's brother"), who="dora")
    assert story.last(e.NodeWaived).reason == "the owner's brother"
    story.progress()
    assert (story.deal.stage, story.deal.node("decider_met").status) == ("learn", NodeStatus.WAIVED)


def test_a_waiver_of_one_of_two_nodes_leaves_the_other() -> None:
    story = Story(variant(("met_by: decider_met, ", ""))).opened()
    story.do(c.WaiveNode(node="decider_met", reason="known"), who="dora")
    assert story.deal.ready is None


@pytest.mark.parametrize("passed", ["decider_met", "helper_met"])
def test_a_node_that_is_passed_is_not_waived(passed: str) -> None:
    story = Story().opened()
    story.evidence("talk", whom="decider")
    refused = story.refused(c.WaiveNode(node=passed, reason="for sure"), who="dora")
    assert (refused.code, refused.place) == (Code.NODE_ALREADY_PASSED, passed)


def test_an_override_lets_the_deal_leave_with_actor_and_reason_and_proves_no_node() -> None:
    story = Story().opened()
    story.do(c.OverrideGate(reason="the board has decided"), at=day(1), who="dora")
    met = story.last(e.GateMet)
    assert (met.how, met.reason, story.recorded[-1].stamp.actor) == ("override", "the board has decided", "dora")
    story.progress(day(1))
    assert (story.deal.stage, story.tracks.position, story.tracks.customer_stage) == ("learn", None, "meet")


def test_an_override_is_not_needed_where_the_gate_is_met() -> None:
    story = Story().opened()
    story.evidence("talk", whom="decider")
    assert story.refused(c.OverrideGate(reason="go"), who="dora").code is Code.ALREADY_SO


def test_a_disputed_piece_does_not_take_an_override_back() -> None:
    story = Story().opened()
    story.evidence("talk", evidence_id="t1", whom="helper")
    story.do(c.OverrideGate(reason="go"), who="dora")
    story.do(c.DisputeEvidence(evidence_id="t1", reason="wrong"))
    story.progress()
    assert story.deal.stage == "learn"


def test_facts_of_one_envelope_are_folded_together_before_the_gate_is_judged() -> None:
    story = Story().opened()
    story.do(story.evidence_of("talk", whom="helper"), story.evidence_of("talk", whom="decider"))
    assert story.topics()[2:] == [
        "evidence_recorded", "evidence_recorded", "node_reached", "node_reached", "gate_met",
    ]  # fmt: skip


def test_an_early_gate_does_not_start_the_clock_of_a_stage_passed_through() -> None:
    story = Story().opened()
    story.evidence("need")
    story.evidence("talk", whom="decider")
    story.progress()
    assert story.deal.stage == "haggle"
    assert [fact.stage for fact in story.facts(e.ClockStarted)] == ["meet", "haggle"]


def test_a_stage_claimed_late_with_its_gate_met_before_is_no_stall() -> None:
    story = Story().opened()
    story.evidence("offer", amount="700")
    story.do(c.ClaimStage(stage="haggle", observed_at=day(1)), at=day(9))
    story.progress(day(9))
    assert story.facts(e.StallRecorded) == [] and story.deal.visits[-2].pass_through
