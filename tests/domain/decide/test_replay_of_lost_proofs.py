"""An import in which proofs are lost: the clock has the date of the withdrawing fact, and only what is still lost is told."""

from collections.abc import Sequence
from datetime import datetime

from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.events import Fact
from dealflow.domain.escalation.notice import Notice
from dealflow.domain.escalation.notices_of import notices_of
from tests.domain.decide.test_replay import Dated, evidence, folded, of, opened, replayed
from tests.support.deals.plain_process import process_of
from tests.support.deals.stories import PEOPLE, Story, day


def withdrawn(at: float, evidence_id: str) -> Dated:
    return day(at), c.WithdrawEvidence(evidence_id=evidence_id, reason="taken back there")


def told(facts: Sequence[Fact], until: datetime) -> tuple[Notice, ...]:
    return notices_of(facts, folded(facts, at=until), process_of(), PEOPLE, until, "batch-1")


HAGGLE = [opened(), evidence(1, "talk", whom="decider"), evidence(2, "need")]


def test_the_clock_starts_at_the_date_of_the_withdrawing_fact() -> None:
    facts = replayed([*HAGGLE, withdrawn(3, "need1")], until=day(4))
    (lost,) = of(e.ProofLost, facts)
    assert isinstance(lost, e.ProofLost) and (lost.node, lost.effective_at) == ("need_confirmed", day(3))
    clock = folded(facts, at=day(4)).clocks["proof_lost/need_confirmed"]
    assert (clock.started_at, clock.due_at) == (day(3), day(5))


def test_what_is_still_lost_is_told_once_in_the_digest_of_the_batch() -> None:
    facts = replayed([*HAGGLE, withdrawn(3, "need1")], until=day(4))
    notices = told(facts, day(4))
    assert [(notice.recipient, notice.kind, notice.mode, notice.batch) for notice in notices] == [
        ("anna", "proof_lost", "digest", "batch-1"), ("dora", "proof_lost", "digest", "batch-1"),
    ]  # fmt: skip


def test_what_was_proven_again_in_that_past_is_told_to_nobody() -> None:
    facts = replayed([*HAGGLE, withdrawn(3, "need1"), evidence(4, "need", 2)], until=day(6))
    (lost,) = of(e.ProofLost, facts)
    assert isinstance(lost, e.ProofLost) and lost.recipients == () and told(facts, day(6)) == ()


def test_what_was_lost_twice_is_told_once() -> None:
    acts = [*HAGGLE, withdrawn(3, "need1"), evidence(3.5, "need", 2), withdrawn(4, "need2")]
    facts = replayed(acts, until=day(4.5))
    lost = [fact for fact in facts if isinstance(fact, e.ProofLost)]
    assert [(fact.episode, fact.recipients) for fact in lost] == [(1, ()), (2, ("anna", "dora"))]
    assert [notice.key for notice in told(facts, day(4.5))] == [
        f"d1%2F1%2Fneed_confirmed%2Fproof_lost%2F2/lost/0/{person}" for person in ("anna", "dora")
    ]


def test_a_deadline_that_passed_before_the_end_is_backlog() -> None:
    facts = replayed([*HAGGLE, withdrawn(3, "need1")], until=day(6))
    raised = [fact for fact in facts if isinstance(fact, e.EscalationRaised)]
    assert [(fact.stall_id, fact.backlog) for fact in raised] == [("d1/1/need_confirmed/proof_lost/1", True)]
    assert {notice.kind for notice in told(facts, day(6))} == {"proof_lost", "escalation"}


def test_owner_and_director_are_those_of_the_end() -> None:
    handed_over = (day(4), c.ReassignDeal(owner="zhou", origin=e.Origin(source="crm", row="1", key="k")))
    facts = replayed([*HAGGLE, withdrawn(3, "need1"), handed_over], until=day(4.5))
    (lost,) = of(e.ProofLost, facts)
    assert isinstance(lost, e.ProofLost) and lost.recipients == ("zhou", "lin")


def test_a_deal_that_was_lost_in_the_end_is_told_to_nobody() -> None:
    end = (day(4), c.ClaimOutcome(outcome="lost", observed_at=day(4)))
    facts = replayed([*HAGGLE, withdrawn(3, "need1"), end], until=day(6))
    assert len(of(e.ProofLost, facts)) == 1 and told(facts, day(6)) == ()


def test_what_was_told_live_is_not_told_again_by_an_import() -> None:
    story = Story().opened().moved_to("haggle")
    story.do(c.WithdrawEvidence(evidence_id="need1", reason="r"), at=day(1))
    facts = replayed([evidence(1.5, "reply")], until=day(2), deal=story.deal)
    assert of(e.ProofLost, facts) == []
