"""Proof lost: a node that the deal has passed is open again, in whatever stage the deal is, also after the win."""

import pytest

from dealflow.domain.clocks.due import next_due, wake_needed
from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.state import Outcome
from dealflow.domain.values.duration import Duration
from tests.support.deals.plain_process import variant
from tests.support.deals.stories import Story, day

# Where a node stands, the evidence that proves it, and the stages that come later.
NODES: dict[str, tuple[str, str, dict[str, str]]] = {
    "decider_met": ("meet", "talk1", {"whom": "decider"}),
    "need_confirmed": ("learn", "need1", {}),
    "price_named": ("haggle", "offer1", {"amount": "600"}),
    "deposit_paid": ("sign", "payment1", {"amount": "100"}),
    "paid_in_full": ("collect", "payment2", {"amount": "900"}),
}
STAGES = ("meet", "learn", "haggle", "sign", "collect", "serve")
LATER = [
    (node, stage)
    for node, (own, _, _) in NODES.items()
    for stage in STAGES[STAGES.index(own) + 1 :]
    if (node, stage) != ("deposit_paid", "serve")  # the second payment is a deposit as well
]


def withdrawn(evidence: str) -> c.WithdrawEvidence:
    return c.WithdrawEvidence(evidence_id=evidence, reason="a mistake")


def disputed(evidence: str) -> c.DisputeEvidence:
    return c.DisputeEvidence(evidence_id=evidence, reason="the customer denies it")


def at(stage: str, text: tuple[str, str] | None = None) -> Story:
    """The deal has come to this stage by evidence."""
    return Story(variant(text) if text else None).opened().moved_to(stage)


def lost_in_haggle() -> Story:
    """The need was withdrawn on the first day; it was a proof of the stage before."""
    story = at("haggle")
    story.do(withdrawn("need1"), at=day(1))
    return story


def proof_clocks(story: Story) -> dict[str | None, tuple[int, object]]:
    clocks = story.deal.clocks.values()
    return {clock.node: (clock.episode, clock.due_at) for clock in clocks if clock.name == "proof_lost"}


@pytest.mark.parametrize(("node", "stage"), LATER)
def test_a_proof_is_lost_in_every_later_stage(node: str, stage: str) -> None:
    own, evidence, _ = NODES[node]
    story = at(stage)
    story.do(withdrawn(evidence), at=day(1))
    lost = story.deal.lost[node]
    assert (lost.stage, lost.since, lost.why) == (own, day(1), "withdrawn")
    assert lost.after_win == (story.deal.outcome is Outcome.WON)
    assert proof_clocks(story)[node] == (1, day(3))
    assert (story.deal.stage, story.progress(day(2.9))) == (stage, [])


@pytest.mark.parametrize("node", NODES)
def test_a_proof_of_the_stage_that_the_deal_is_in_is_not_lost(node: str) -> None:
    own, _, fields = NODES[node]
    story = at(own)
    kind = NODES[node][1].rstrip("12")
    story.do(c.RecordEvidence(evidence_id="x", kind=kind, fields=fields))
    story.do(withdrawn("x"), at=day(0.001))
    assert story.deal.lost == {} and story.facts(e.ProofLost) == []


def test_a_proof_ahead_of_the_deal_is_not_lost() -> None:
    story = Story().opened()
    story.evidence("need", evidence_id="n")
    story.do(withdrawn("n"))
    assert story.facts(e.ProofLost) == []


def test_what_was_never_proven_is_not_lost() -> None:
    story = Story().opened()
    story.do(c.OverrideGate(reason="an old customer"), who="dora")
    story.progress()
    story.evidence("talk", at=day(1), whom="helper", evidence_id="t")
    story.do(withdrawn("t"), at=day(2))
    assert (story.deal.stage, set(story.deal.lost)) == ("learn", {"helper_met"})


def test_an_override_and_a_claim_that_leave_a_node_open_lose_nothing() -> None:
    story = Story().opened()
    story.do(c.ClaimStage(stage="sign", observed_at=day(1)), at=day(1))
    story.do(c.OverrideGate(reason="an old customer"), at=day(2), who="dora")
    story.progress()
    assert (story.deal.stage, story.deal.outcome, story.deal.lost) == ("collect", "won", {})


def test_the_loss_and_its_clock_begin_when_it_is_recorded_though_the_node_was_open_before() -> None:
    story = Story().opened()
    story.evidence("talk", at=day(3), observed=day(2), evidence_id="t", whom="decider")
    story.progress()
    story.do(disputed("t"), at=day(9))
    assert story.last(e.NodeReversed).effective_at == day(2)
    # helper_met was passed by the decider: it is lost with it.
    assert [(fact.node, fact.effective_at) for fact in story.facts(e.ProofLost)] == [
        ("helper_met", day(9)), ("decider_met", day(9)),
    ]  # fmt: skip
    assert proof_clocks(story) == {"helper_met": (1, day(11)), "decider_met": (1, day(11))}


def test_a_node_met_by_a_later_one_is_not_lost_while_that_one_stands() -> None:
    story = Story().opened()
    story.evidence("talk", evidence_id="helper", whom="helper")
    story.moved_to("learn")
    story.do(withdrawn("helper"), at=day(1))
    assert story.deal.lost == {}


def test_the_limit_and_the_warning_stand_at_the_nodes_stage() -> None:
    own = "clocks: {stage_age: {limit: 5 days}}\n  - id: haggle"
    story = at("sign", (own, own.replace("}}", "}, proof_lost: {limit: 6 days, warn: 4 days}}")))
    assert story.definition.stage("learn").clocks["proof_lost"].limit == Duration(count=6, unit="days")
    story.do(withdrawn("need1"), at=day(1))
    story.do(withdrawn("talk1"), at=day(1))
    due = {node: due for node, (_, due) in proof_clocks(story).items()}
    assert due == {"need_confirmed": day(7), "helper_met": day(3), "decider_met": day(3)}
    story.progress(day(5))
    assert [fact.node for fact in story.facts(e.WarningGiven)] == ["need_confirmed"]


def test_owner_and_director_hear_at_once() -> None:
    assert lost_in_haggle().last(e.ProofLost).recipients == ("anna", "dora")


def test_a_clock_that_runs_out_is_a_stall_of_the_node_with_the_ladder_behind_it() -> None:
    story = lost_in_haggle()
    story.progress(day(3.5))
    (stall,) = story.deal.open_stalls
    assert (stall.id, stall.due_at, stall.stage) == ("d1/1/need_confirmed/proof_lost/1", day(3), "learn")
    assert (stall.node, stall.missing, stall.limit) == ("need_confirmed", ("need_confirmed",), "2 working days")
    assert story.last(e.RungReached).recipients == ("anna", "dora")
    story.progress(day(4.9))
    assert story.raised.next_rung_at == day(5)


def test_two_nodes_have_two_clocks_and_two_stalls() -> None:
    story = at("sign")
    story.do(withdrawn("need1"), at=day(1))
    story.do(disputed("offer1"), at=day(2))
    story.progress(day(4))
    assert {stall.id for stall in story.deal.open_stalls} == {
        "d1/1/need_confirmed/proof_lost/1", "d1/1/price_named/proof_lost/1",
    }  # fmt: skip
    story.evidence("need", at=day(4.5))
    assert [stall.node for stall in story.deal.open_stalls] == ["price_named"]
    assert set(story.deal.lost) == {"price_named"}


def test_what_falls_due_earlier_needs_a_wake() -> None:
    story = at("serve")
    before = story.deal
    story.do(withdrawn("payment2"), at=day(1))
    assert wake_needed(before, story.deal) and next_due(story.deal) == day(3)


# What ends it.


def test_a_node_that_is_proven_again_ends_the_loss_with_its_clock() -> None:
    story = lost_in_haggle()
    story.evidence("need", at=day(2))
    assert story.topics()[-2:] == ["node_reached", "proof_regained"]
    assert (story.last(e.ProofRegained).how, story.deal.lost, proof_clocks(story)) == ("passed", {}, {})
    assert story.progress(day(3)) == []


def test_disputed_evidence_that_is_confirmed_ends_it() -> None:
    story = at("haggle")
    story.do(disputed("need1"), at=day(1))
    story.progress(day(3))
    story.do(c.ConfirmEvidence(evidence_id="need1", reason="seen"), at=day(4), who="dora")
    stall = story.ended("d1/1/need_confirmed/proof_lost/1")
    assert (stall.how, stall.ended_at, story.deal.lost) == ("regained", day(4), {})


def test_the_last_word_of_the_customer_loses_a_proof_and_gives_it_back() -> None:
    story = at("haggle", ("standard: {evidence: need}", "standard: {latest: [need, question]}"))
    story.evidence("question", at=day(1))
    assert story.deal.lost["need_confirmed"].why == "recorded"
    story.evidence("need", at=day(2))
    assert (story.deal.lost, story.last(e.ProofRegained).how) == ({}, "passed")


def test_a_waiver_ends_it() -> None:
    story = lost_in_haggle()
    story.do(c.WaiveNode(node="need_confirmed", reason="known"), at=day(2), who="dora")
    assert story.deal.lost == {}


@pytest.mark.parametrize("stage", ["meet", "learn"])
def test_a_deal_that_stands_where_the_node_is_still_to_be_passed_has_lost_nothing(stage: str) -> None:
    story = lost_in_haggle()
    story.progress(day(3))
    story.do(c.MoveBack(to=stage, reason="start over"), at=day(4))
    assert (story.last(e.ProofRegained).how, story.deal.lost) == ("back", {})
    assert story.ended("d1/1/need_confirmed/proof_lost/1").how == "regained"
    assert proof_clocks(story) == {} and story.deal.stage == stage


def test_back_goes_to_the_stage_of_a_lost_proof_whatever_the_template_allows() -> None:
    story = at("collect")
    assert story.refused(c.MoveBack(to="haggle", reason="r")).code == "back_not_allowed"
    story.do(withdrawn("offer1"), at=day(1))
    story.do(c.MoveBack(to="haggle", reason="the price was never named"), at=day(2))
    assert (story.deal.stage, story.deal.outcome, story.deal.lost) == ("haggle", "open", {})


def test_neither_moving_nor_the_ends_of_visits_touch_it() -> None:
    story = lost_in_haggle()
    story.progress(day(3))
    story.evidence("offer", at=day(4), amount="600")
    story.progress()
    assert story.deal.stage == "sign"
    assert [stall.id for stall in story.deal.open_stalls] == ["d1/1/need_confirmed/proof_lost/1"]
    assert set(proof_clocks(story)) == {"need_confirmed"}
    story.evidence("payment", at=day(4.5), amount="100")
    story.progress()
    assert (story.deal.stage, story.deal.outcome, set(story.deal.lost)) == ("collect", "won", {"need_confirmed"})
    story.do(c.MoveBack(to="sign", reason="r"), at=day(4.6))
    assert (set(story.deal.lost), story.deal.open_stalls[0].clock) == ({"need_confirmed"}, "proof_lost")


def test_a_claim_of_another_system_that_puts_the_deal_back_ends_it() -> None:
    story = lost_in_haggle()
    story.do(c.ClaimStage(stage="meet", observed_at=day(2)), at=day(2))
    assert story.deal.lost == {} and proof_clocks(story) == {}


def test_a_node_that_is_lost_again_goes_on_with_its_episodes() -> None:
    story = lost_in_haggle()
    story.evidence("need", at=day(2), evidence_id="again")
    story.do(withdrawn("again"), at=day(3))
    assert (story.last(e.ProofLost).episode, proof_clocks(story)) == (2, {"need_confirmed": (2, day(5))})
    story.progress(day(5))
    assert "d1/1/need_confirmed/proof_lost/2" in {stall.id for stall in story.deal.open_stalls}


@pytest.mark.parametrize("late", [3.5, 9.0, 300.0])
def test_a_proof_regained_before_its_deadline_never_stalls_however_late_the_worker(late: float) -> None:
    story = lost_in_haggle()
    story.evidence("need", at=day(2.9))
    story.progress(day(late))
    assert [stall.clock for stall in story.deal.stalls.values() if stall.clock == "proof_lost"] == []


@pytest.mark.parametrize("regained", [3.0, 3.1, 4.0])
def test_a_proof_regained_at_or_after_its_deadline_is_a_stall_on_record_that_nobody_is_told_of(regained: float) -> None:
    story = lost_in_haggle()
    story.evidence("need", at=day(regained))
    stall = story.ended("d1/1/need_confirmed/proof_lost/1")
    assert (stall.due_at, stall.ended_at, stall.how) == (day(3), day(regained), "regained")
    story.progress(day(4.5))
    assert [fact for fact in story.facts(e.RungReached) if "proof_lost" in fact.stall_id] == []


def test_a_withdrawal_that_the_rest_makes_up_for_loses_nothing() -> None:
    story = Story().opened()
    story.evidence("need", evidence_id="other")
    story.evidence("need")
    story.moved_to("haggle")
    story.do(withdrawn("other"), at=day(1))
    assert story.deal.lost == {}


def test_a_node_of_a_stage_that_was_left_is_lost_when_a_person_opens_it_again() -> None:
    story = at("sign")
    story.do(c.MoveBack(to="haggle", reason="r", nodes=("need_confirmed",)), at=day(1))
    lost = story.deal.lost["need_confirmed"]
    assert (lost.why, lost.since, set(story.deal.lost)) == ("moved_back", day(1), {"need_confirmed"})
