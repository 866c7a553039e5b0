"""What another system asserts without proof: it places the deal, its standing and its outcome, never a node."""

from datetime import datetime
from typing import Literal

import pytest

from dealflow.domain.clocks.due import next_due
from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.state import NodeStatus, Outcome
from dealflow.domain.values.refusal import Code
from tests.support.deals.plain_process import process_of
from tests.support.deals.stories import Story, day, money, opening


def stage(name: str, at: datetime) -> c.ClaimStage:
    origin = e.Origin(source="crm", row="3", key=f"crm/{name}")
    return c.ClaimStage(stage=name, observed_at=at, origin=origin)


def outcome(
    name: Literal["won", "lost", "cancelled"], at: datetime, amount: str | None = None, reason: str = "not_given"
) -> c.ClaimOutcome:
    return c.ClaimOutcome(outcome=name, observed_at=at, amount=money(amount) if amount else None, reason=reason)


def test_a_claimed_stage_places_the_deal_and_its_standing_but_no_node() -> None:
    story = Story().opened()
    story.do(stage("haggle", day(2)), at=day(2))
    claimed = story.last(e.StageClaimed)
    assert (claimed.from_stage, claimed.to_stage, claimed.visit, claimed.basis) == ("meet", "haggle", 2, "claimed")
    assert claimed.origin is not None and (claimed.origin.source, claimed.origin.row) == ("crm", "3")
    assert (story.deal.stage, story.deal.entered_at, story.deal.visits[-1].how) == ("haggle", day(2), "claimed")
    tracks = story.tracks
    assert (tracks.standing, tracks.position, tracks.customer_stage, tracks.gap) == ("haggle", None, "meet", 2)
    assert all(story.deal.node(node).status is NodeStatus.OPEN for node in story.definition.nodes)


def test_a_claim_is_neither_a_gate_passed_nor_an_override() -> None:
    story = Story().opened()
    story.do(stage("sign", day(0)))
    assert story.facts(e.GateMet) == [] and story.facts(e.StageAdvanced) == []


def test_a_claim_is_effective_when_it_was_observed_and_the_clock_counts_from_there() -> None:
    story = Story().opened()
    story.do(stage("haggle", day(1)), at=day(3))
    assert (story.deal.entered_at, next_due(story.deal)) == (day(1), day(6))


def test_a_claim_of_a_stage_whose_nodes_are_passed_moves_on_by_the_gate() -> None:
    story = Story().opened()
    story.evidence("offer", amount="700")
    story.do(stage("haggle", day(1)), at=day(1))
    story.progress(day(1))
    assert (story.deal.stage, story.deal.visits[-2].pass_through) == ("sign", True)


def test_the_clock_of_a_claimed_stage_runs_when_its_gate_is_lost_before_the_worker_comes() -> None:
    story = Story().opened()
    story.evidence("offer", amount="700", evidence_id="o1")
    story.do(stage("haggle", day(1)), at=day(1))
    story.do(c.DisputeEvidence(evidence_id="o1", reason="never said"), at=day(1.1))
    assert (story.deal.ready, next_due(story.deal)) == (None, day(6))


def test_a_claim_backward_places_the_deal_too() -> None:
    story = Story().opened().moved_to("haggle")
    story.do(stage("learn", day(1)), at=day(1))
    assert story.deal.stage == "learn"


def test_a_claim_ends_the_stall_of_the_stage_that_is_left() -> None:
    story = Story().opened()
    story.progress(day(11))
    story.do(stage("learn", day(12)), at=day(12))
    assert story.last(e.StallEnded).how == "moved" and story.deal.open_stalls == ()


def test_a_claim_of_the_stage_where_the_deal_is_adds_nothing_and_is_no_alarm() -> None:
    story = Story().opened().moved_to("haggle")
    before, tracks = story.deal, story.tracks
    decision = story.do(stage("haggle", day(1)), at=day(1))
    assert (story.deal.visits, story.deal.clocks, story.tracks) == (before.visits, before.clocks, tracks)
    assert (decision.notes, story.deal.claims_not_applied) == ((), 0)
    assert story.last(e.StageClaimed).visit == before.visit


def test_a_claim_of_the_stage_where_the_deal_is_takes_back_what_milestones_vouched_for() -> None:
    story = Story().opened()
    story.do(c.RecordMilestone(milestone="quote_sent"), at=day(1))
    assert (story.tracks.standing, story.tracks.gap) == ("haggle", 2)
    story.do(stage("meet", day(2)), at=day(2))
    assert (story.tracks.standing, story.tracks.gap, story.tracks.gap_since) == ("meet", 0, day(2))
    story.do(c.RecordMilestone(milestone="quote_sent"), at=day(3))
    assert (story.tracks.standing, story.tracks.gap, story.tracks.gap_since) == ("haggle", 2, day(3))


def test_of_claims_only_the_last_one_places_the_standing() -> None:
    story = Story().opened()
    story.do(stage("sign", day(1)), at=day(1))
    story.do(stage("learn", day(2)), at=day(2))
    assert (story.tracks.standing, story.tracks.gap, story.tracks.gap_since) == ("learn", 1, day(2))


def test_a_claimed_win_before_the_last_stage_places_the_deal_behind_the_win() -> None:
    story = Story().opened()
    story.do(outcome("won", day(3), "800"), at=day(3))
    won = story.last(e.DealWon)
    assert (won.basis, won.stage, won.effective_at) == ("claimed", "sign", day(3))
    assert (story.deal.outcome, story.deal.stage, story.deal.in_progress) == (Outcome.WON, "collect", True)
    assert story.deal.amount == money("800")
    assert all(story.deal.node(node).status is NodeStatus.OPEN for node in story.definition.nodes)


def test_a_claimed_win_lists_the_required_nodes_that_were_not_passed_then() -> None:
    story = Story().opened()
    story.evidence("talk", whom="decider")
    story.do(outcome("won", day(3)), at=day(3))
    assert story.last(e.DealWon).unproven == ("need_confirmed", "price_named", "deposit_paid")
    story.evidence("need", at=day(4))
    assert story.deal.win is not None and "need_confirmed" in story.deal.win.unproven


ENDS_WITH_THE_WIN = """\
process: pipeline
calendar: plain
currency: USD
evidence: {need: {}, order: {}}
stages:
  - {id: prospecting, nodes: [{id: need_confirmed, standard: {evidence: need}}]}
  - {id: engaging, wins: true, nodes: [{id: order_signed, standard: {evidence: order}}]}
"""


def test_a_claimed_win_in_a_process_that_ends_with_the_win_closes_the_deal() -> None:
    story = Story(process_of(ENDS_WITH_THE_WIN)).opened()
    story.do(stage("engaging", day(1)), at=day(1))
    story.do(outcome("won", day(9), "500 USD"), at=day(9))
    assert story.last(e.DealWon).unproven == ("need_confirmed", "order_signed")
    closed = story.last(e.DealClosed)
    assert (closed.how, closed.effective_at, story.deal.in_progress) == ("claimed", day(9), False)


@pytest.mark.parametrize(("name", "reached"), [("lost", Outcome.LOST), ("cancelled", Outcome.CANCELLED)])
def test_a_claimed_end_closes_the_deal_for_any_reason(name: Literal["lost", "cancelled"], reached: Outcome) -> None:
    story = Story().opened()
    story.do(outcome(name, day(3)), at=day(4))
    assert (story.deal.outcome, story.deal.loss_reason) == (reached, "not_given")
    assert (story.last(e.DealClosed).how, story.last(e.DealClosed).effective_at) == ("claimed", day(3))


def test_a_stage_claimed_of_a_closed_deal_is_kept_and_not_applied() -> None:
    story = Story().opened()
    story.do(c.LoseDeal(reason="price"), at=day(1))
    before = story.deal
    decision = story.do(stage("haggle", day(5)), at=day(5))
    assert decision.notes == ("claim_not_applied",)
    assert story.topics()[-1] == "claim_not_applied"
    after = story.deal
    assert (after.outcome, after.life, after.stage) == (before.outcome, before.life, before.stage)


@pytest.mark.parametrize("claim", [outcome("lost", day(5)), stage("haggle", day(5)), stage("meet", day(0.5))])
def test_a_claim_of_what_is_so_or_was_so_before_the_end_is_no_alarm(claim: c.Command) -> None:
    story = Story().opened()
    story.do(stage("haggle", day(0.7)), at=day(0.7))
    story.do(c.LoseDeal(reason="price"), at=day(1))
    before = story.deal
    decision = story.do(claim, at=day(5))
    assert (decision.notes, story.topics()[-1]) == ((), "claim_agrees")
    assert (story.deal.life, story.deal.stage, story.deal.claims_not_applied) == (before.life, before.stage, 0)


@pytest.mark.parametrize("end", [c.LoseDeal(reason="price"), outcome("lost", day(3)), outcome("won", day(3))])
def test_of_a_stage_in_which_the_deal_never_was_nobody_says_that_it_is_so(end: c.Command) -> None:
    story = Story().opened()
    story.do(end, at=day(3))
    assert story.do(stage("haggle", day(2)), at=day(5)).notes == ("claim_not_applied",)
    assert story.topics()[-1] == "claim_not_applied"


def test_a_deal_that_was_lost_is_won_when_the_source_says_so() -> None:
    story = Story().opened()
    story.do(outcome("lost", day(3)), at=day(3))
    story.do(outcome("won", day(9), "800"), at=day(9))
    assert [topic for topic in story.topics() if topic in ("lost", "reopened", "won")] == ["lost", "reopened", "won"]
    deal = story.deal
    assert (deal.outcome, deal.stage, deal.in_progress, deal.opening) == (Outcome.WON, "collect", True, 2)
    assert (story.last(e.DealReopened).effective_at, deal.won_amount) == (day(9), money("800"))


def test_a_win_that_the_source_takes_back_leaves_the_deal_where_it_stood_before() -> None:
    story = Story().opened()
    story.do(stage("haggle", day(1)), at=day(1))
    story.do(outcome("won", day(3)), at=day(3))
    story.do(c.ClaimOpen(observed_at=day(6)), at=day(6))
    deal = story.deal
    assert (deal.outcome, deal.win, deal.stage, deal.entered_at) == (Outcome.OPEN, None, "haggle", day(6))
    assert next_due(deal) == day(11)


def test_a_loss_that_the_source_takes_back_gives_stage_outcome_and_life_back() -> None:
    story = Story().opened().moved_to("haggle")
    story.do(outcome("lost", day(3)), at=day(3))
    story.do(c.ClaimOpen(observed_at=day(6)), at=day(6))
    deal = story.deal
    assert (deal.outcome, deal.in_progress, deal.stage, deal.opening) == (Outcome.OPEN, True, "haggle", 2)
    assert story.last(e.DealReopened).reopened_nodes == ()


def test_back_and_forth_comes_out_as_said_last() -> None:
    story = Story().opened()
    for at, said in enumerate(("lost", "won", "lost", "open", "won", "open", "cancelled", "lost"), start=1):
        claim = c.ClaimOpen(observed_at=day(at)) if said == "open" else outcome(said, day(at))  # type: ignore[arg-type]
        story.do(claim, at=day(at))
        assert story.deal.outcome.value == said
        assert story.deal.in_progress is (said in ("won", "open"))


def test_a_claim_is_never_effective_before_what_a_person_did_and_it_overrides() -> None:
    story = Story().opened()
    story.do(outcome("lost", day(3)), at=day(3))
    story.do(c.ReopenDeal(reason="they called again"), at=day(9), who="dora")
    story.do(outcome("won", day(5)), at=day(12))
    assert (story.deal.outcome, story.last(e.DealWon).effective_at) == (Outcome.WON, day(9))


def test_a_stage_claimed_with_the_win_does_not_carry_the_win_before_what_a_person_did() -> None:
    story = Story().opened()
    story.do(outcome("lost", day(3)), at=day(3))
    story.do(c.ReopenDeal(reason="they called again"), at=day(9), who="dora")
    story.do(stage("haggle", day(4)), outcome("won", day(5)), at=day(12))
    entered = [visit.entered_at for visit in story.deal.visits]
    assert (story.last(e.DealWon).effective_at, entered) == (day(9), sorted(entered))


def test_what_the_gate_has_won_no_claim_opens_again() -> None:
    story = Story().opened().moved_to("collect")
    decision = story.do(c.ClaimOpen(observed_at=day(5)), at=day(5))
    assert (decision.notes, story.deal.outcome) == (("claim_not_applied",), Outcome.WON)


def test_a_stage_of_before_the_win_that_is_dated_after_it_moves_nothing() -> None:
    story = Story().opened()
    story.do(outcome("won", day(3)), at=day(3))
    assert story.do(stage("haggle", day(4)), at=day(4)).notes == ("claim_not_applied",)
    assert story.do(stage("meet", day(2)), at=day(5)).notes == ()
    assert (story.deal.outcome, story.deal.stage) == (Outcome.WON, "collect")


def test_another_amount_of_a_win_is_the_amount_as_won() -> None:
    story = Story().opened()
    story.do(outcome("won", day(3), "800"), at=day(3))
    story.do(outcome("won", day(3), "900"), at=day(6))
    assert (story.deal.won_amount, story.last(e.DealAmended).as_won) == (money("900"), True)


def test_evidence_and_a_win_of_one_instant_win_by_the_gate() -> None:
    story = Story().opened().moved_to("sign")
    story.do(outcome("won", day(2)), paid(story), at=day(2))
    assert (story.last(e.DealWon).basis, story.deal.claims_not_applied) == ("gate", 0)


def test_a_won_deal_in_progress_may_be_lost_by_a_claim() -> None:
    story = Story().opened().moved_to("collect")
    story.do(outcome("lost", day(5)), at=day(5))
    assert (story.deal.outcome, story.deal.in_progress) == (Outcome.LOST, False)


def test_a_claimed_win_of_a_deal_that_is_won_is_so_already() -> None:
    story = Story().opened().moved_to("collect")
    assert story.do(outcome("won", day(5)), at=day(5)).notes == ()
    assert (story.topics()[-1], story.deal.claims_not_applied) == ("claim_agrees", 0)


def paid(story: Story) -> c.RecordEvidence:
    origin = e.Origin(source="crm", row="4", key="crm/4")
    return story.evidence_of("payment", amount="100").model_copy(update={"origin": origin})


def test_facts_and_a_claimed_win_of_one_envelope_are_folded_before_the_win_is_judged() -> None:
    story = Story().opened().moved_to("sign")
    story.do(outcome("won", day(2)), paid(story), at=day(2))
    assert story.last(e.DealWon).unproven == ()


def test_a_claimed_loss_and_the_evidence_that_would_win_are_judged_together() -> None:
    story = Story().opened().moved_to("sign")
    story.do(outcome("lost", day(2)), paid(story), at=day(2))
    assert (story.deal.outcome, story.facts(e.DealWon)) == (Outcome.LOST, [])


def test_another_systems_owner_need_not_be_of_the_house() -> None:
    story, origin = Story(), e.Origin(source="crm", row="3", key="crm/3")
    story.do(opening(process_of(), owner="gone long ago").model_copy(update={"origin": origin}))
    story.do(c.ReassignDeal(owner="long ago too", origin=origin))
    assert story.deal.owner == "long ago too"


def test_reopening_takes_back_a_claimed_end() -> None:
    story = Story().opened()
    story.do(outcome("lost", day(3)), at=day(4))
    story.do(c.ReopenDeal(reason="they called again"), at=day(9), who="dora")
    assert (story.deal.outcome, story.deal.stage, story.deal.opening) == (Outcome.OPEN, "meet", 2)


def test_a_stage_that_the_process_does_not_know_cannot_be_claimed() -> None:
    reason = Story().opened().refused(stage("hagle", day(0)))
    assert (reason.code, reason.suggestion) == (Code.UNKNOWN_STAGE, "haggle")


def test_a_claim_of_the_future_is_refused() -> None:
    assert Story().opened().refused(stage("haggle", day(2)), at=day(1)).code is Code.TIME_IN_FUTURE
