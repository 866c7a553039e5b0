"""Pieces that say the same count once, the earlier recorded."""

from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.state import NodeStatus
from dealflow.domain.track.judge import NotMet, verdict
from dealflow.domain.values.refusal import Code, Reason
from dealflow.wording.sentences import sentence
from tests.support.deals.plain_process import PlainRules, variant
from tests.support.deals.proofs import PROOFS, proofs
from tests.support.deals.stories import Story, day


def told() -> Story:
    return Story(proofs()).opened()


def status(story: Story, node: str) -> NodeStatus:
    return story.deal.node(node).status


def reasons(story: Story, node: str) -> tuple[Reason, ...]:
    found = verdict(story.definition.nodes[node], story.deal, story.definition, PlainRules())
    return found.reasons if isinstance(found, NotMet) else ()


def reply(number: int, author: str) -> c.RecordEvidence:
    return c.RecordEvidence(evidence_id=f"r{number}", kind="reply", fields={"said": "yes"}, author=author)


def test_two_replies_of_one_author_count_once() -> None:
    story = told()
    story.do(reply(1, "li"), reply(2, "li"))
    assert [reason.code for reason in reasons(story, "answered")] == [Code.COUNTED_ONCE, Code.COUNT_SHORT]
    story.do(reply(3, "wang"))
    assert story.last(e.NodeReached).evidence == ("r1", "r3")


def test_the_answer_names_both_pieces() -> None:
    story = told()
    story.do(reply(1, "li"), reply(2, "li"))
    twice, _ = reasons(story, "answered")
    assert sentence(twice, "en") == "answered: The reply (r2) has the same author as r1 and does not count again."
    assert sentence(twice, "zh") == "answered：reply（r2）的author与r1相同，不重复计算。"


def test_a_receipt_given_twice_adds_up_once() -> None:
    story = told()
    story.evidence("payment", amount="500", receipt="R-1")
    story.evidence("payment", amount="500", receipt=" r-1")
    assert status(story, "receipts") is NodeStatus.OPEN
    assert [reason.code for reason in reasons(story, "receipts")] == [Code.COUNTED_ONCE, Code.SUM_SHORT]
    story.evidence("payment", amount="500", receipt="R-2")
    assert status(story, "receipts") is NodeStatus.REACHED


def test_of_one_receipt_the_earlier_recorded_counts() -> None:
    story = told()
    story.evidence("payment", amount="10", receipt="R-1")
    story.evidence("payment", amount="1000", receipt="R-1")
    *_, short = reasons(story, "receipts")
    assert short.data["have"] == "10.00 CNY"


def test_payments_without_a_receipt_cannot_be_told_apart() -> None:
    story = told()
    story.evidence("payment", amount="500")
    story.evidence("payment", amount="500")
    assert status(story, "receipts") is NodeStatus.OPEN


def test_what_does_not_fit_takes_nobodys_place() -> None:
    fits = variant(
        (
            "{evidence: reply, count: 2, distinct: author}",
            "{evidence: reply, count: 2, distinct: author, where: said == 'yes'}",
        ),
        text=PROOFS,
    )
    story = Story(fits).opened()
    story.do(c.RecordEvidence(evidence_id="no", kind="reply", fields={"said": "no"}, author="li"))
    story.do(reply(1, "li"), reply(2, "wang"))
    assert story.last(e.NodeReached).evidence == ("r1", "r2")


def test_a_withdrawn_piece_leaves_its_place_to_the_next() -> None:
    story = told()
    story.do(reply(1, "li"), reply(2, "li"), reply(3, "wang"))
    story.do(c.WithdrawEvidence(evidence_id="r1", reason="a mistake"), at=day(1))
    assert story.last(e.NodeReached).evidence == ("r2", "r3")
