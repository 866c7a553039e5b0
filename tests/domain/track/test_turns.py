"""What an answer tells of judgements: each node once, and nothing of a node that stands as it did."""

from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.evolve import fold
from dealflow.domain.decide.dispatch import Decision
from dealflow.domain.track.turns import news_of
from tests.support.deals.proofs import proofs
from tests.support.deals.stories import Story, day, money


def dispute(evidence_id: str) -> c.DisputeEvidence:
    return c.DisputeEvidence(evidence_id=evidence_id, reason="denied")


def told(story: Story, decision: Decision) -> list[tuple[str, str]]:
    """The turns of nodes that are news, with which way."""
    before = fold(story.recorded[: -len(decision.facts)])
    judged = [fact for fact in news_of(decision.facts, before) if isinstance(fact, e.NodeReached | e.NodeReversed)]
    return [("reached" if isinstance(fact, e.NodeReached) else "open", fact.node) for fact in judged]


def test_a_node_that_is_open_is_not_told_to_be_open_again() -> None:
    story = Story(proofs()).opened()
    story.evidence("payment", at=day(3), amount="100")
    story.evidence("refund", at=day(5), amount="1000")
    decision = story.do(c.WithdrawEvidence(evidence_id="payment1", reason="bounced"), at=day(6))
    assert [fact.topic for fact in decision.facts] == ["deal.evidence_withdrawn.v1", "deal.node_reversed.v1"]
    assert told(story, decision) == []


def test_a_node_that_other_evidence_reaches_is_told_once() -> None:
    story = Story(proofs()).opened()
    story.evidence("payment", at=day(2), amount="100")
    story.evidence("payment", at=day(4), amount="1000")
    decision = story.do(dispute("payment1"), at=day(7))
    assert [fact.node for fact in decision.facts if isinstance(fact, e.NodeReversed)] == ["deposit"]
    assert told(story, decision).count(("reached", "deposit")) == 1
    assert ("open", "deposit") not in told(story, decision)


def test_a_reopening_that_judges_a_node_for_several_reasons_tells_it_once() -> None:
    story = Story(proofs()).opened()
    story.evidence("payment", at=day(2), amount="1000")
    story.do(c.LoseDeal(reason="price"), at=day(3))
    story.evidence("payment", at=day(4), amount="500")
    story.do(c.AmendDeal(amount=money("500"), reason="less"), at=day(5), who="dora")
    story.evidence("payment", at=day(7), amount="100")
    story.do(dispute("payment1"), at=day(8), who="dora")
    decision = story.do(c.ReopenDeal(reason="they called"), at=day(10), who="dora")
    reached = [fact.node for fact in decision.facts if isinstance(fact, e.NodeReached)]
    assert reached.count("deposit") == 2, "both stay on record"
    assert sorted(told(story, decision)) == [("reached", "deposit"), ("reached", "paid"), ("reached", "receipts")]


def test_a_node_that_is_lost_is_told() -> None:
    story = Story(proofs()).opened()
    story.evidence("approval", at=day(1))
    assert told(story, story.evidence("rejection", at=day(2))) == [("open", "approved")]


def test_what_a_waiver_covers_is_not_told_to_be_open() -> None:
    story = Story(proofs()).opened()
    story.evidence("approval", at=day(1))
    story.evidence("rejection", at=day(2))
    story.do(c.WaiveNode(node="approved", reason="known"), at=day(3), who="dora")
    assert told(story, story.do(dispute("approval1"), at=day(4))) == []
