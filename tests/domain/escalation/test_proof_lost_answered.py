"""The stall of a lost proof before a person: what a decision does to it, and which deadline follows."""

import pytest

from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.values.refusal import Code
from tests.support.deals.stories import Story, day

STALL = "d1/1/need_confirmed/proof_lost/1"


def stalled() -> Story:
    """In haggle the proof of the need has been lost since day 1; nobody gave another in two days."""
    story = Story().opened().moved_to("haggle")
    story.do(c.WithdrawEvidence(evidence_id="need1", reason="a mistake"), at=day(1))
    story.progress(day(3))
    return story


def decided(decision: str, **asked: object) -> Story:
    story = stalled()
    story.do(answer(decision, **asked), at=day(4), who="dora")
    return story


def answer(decision: str, **asked: object) -> c.DecideEscalation:
    return c.DecideEscalation.model_validate(
        {"escalation": STALL, "decision": decision, "reason": "They sign on Friday.", **asked}
    )


def clock(story: Story) -> tuple[int, object, bool]:
    found = story.deal.clocks["proof_lost/need_confirmed"]
    return found.episode, found.due_at, found.granted


@pytest.mark.parametrize(
    ("decision", "asked"),
    [("extend", {}), ("reassign", {"to": "bob"}), ("waive", {"node": "price_named"})],
)
def test_a_decision_that_leaves_the_proof_lost_begins_the_next_episode(decision: str, asked: dict[str, str]) -> None:
    story = decided(decision, **asked)
    assert story.ended(STALL).how == "decided" and set(story.deal.lost) == {"need_confirmed"}
    assert clock(story) == (2, day(7), True)
    story.progress(day(7))
    assert "d1/1/need_confirmed/proof_lost/2" in {stall.id for stall in story.deal.open_stalls}


def test_the_deadline_may_be_named() -> None:
    assert clock(decided("extend", until=day(9))) == (2, day(9), True)


def test_a_waiver_is_of_the_lost_node_unless_another_is_named() -> None:
    story = decided("waive")
    assert story.last(e.NodeWaived).node == "need_confirmed"
    assert story.deal.lost == {} and "proof_lost/need_confirmed" not in story.deal.clocks


def test_back_goes_to_the_lost_nodes_stage_unless_another_is_named() -> None:
    story = decided("back")
    assert (story.deal.stage, story.deal.lost) == ("learn", {})
    assert list(story.deal.clocks) == ["stage_age"]


def test_a_move_back_that_leaves_the_proof_lost_begins_the_next_episode() -> None:
    story = Story().opened().moved_to("sign")
    story.do(c.WithdrawEvidence(evidence_id="need1", reason="a mistake"), at=day(1))
    story.progress(day(3))
    story.do(answer("back", to="haggle"), at=day(4), who="dora")
    assert (story.deal.stage, set(story.deal.lost), clock(story)) == ("haggle", {"need_confirmed"}, (2, day(7), True))


@pytest.mark.parametrize("decision", ["waive", "back"])
def test_a_deadline_for_a_proof_that_is_lost_no_more_is_refused(decision: str) -> None:
    story = stalled()
    refused = story.refused(answer(decision, until=day(9)), at=day(4), who="dora")
    assert (refused.code, refused.place) == (Code.FIELD_INVALID, "until")


def test_a_lost_deal_has_no_next_episode() -> None:
    story = decided("lose", lost_reason="price")
    assert (story.deal.clocks, story.deal.open_stalls, story.deal.proofs_lost) == ({}, (), ())


def test_a_decision_on_another_stall_leaves_the_lost_proof_as_it_is() -> None:
    story = stalled()
    story.progress(day(5))
    story.do(answer("extend", escalation="d1/1/3/stage_age/1"), at=day(6), who="dora")
    assert [stall.id for stall in story.deal.open_stalls] == [STALL]


def test_the_seller_may_not_answer() -> None:
    assert stalled().refused(answer("extend"), at=day(4)).code is Code.OWN_DEAL


def test_an_answer_to_a_stall_that_the_proof_ended_says_so() -> None:
    story = stalled()
    story.evidence("need", at=day(3.5))
    refused = story.refused(answer("extend"), at=day(4), who="dora")
    assert refused.code is Code.ALREADY_SO and "regained" in str(refused.data["what"])
