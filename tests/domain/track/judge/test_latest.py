"""The last piece of several kinds decides, in whatever order they were recorded."""

from datetime import datetime
from itertools import permutations

import pytest

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


def status(story: Story) -> NodeStatus:
    return story.deal.node("approved").status


def reasons(story: Story) -> tuple[Reason, ...]:
    found = verdict(story.definition.nodes["approved"], story.deal, story.definition, PlainRules())
    return found.reasons if isinstance(found, NotMet) else ()


def imported(evidence_id: str, kind: str, observed: datetime) -> c.RecordEvidence:
    origin = e.Origin(source="crm", row=evidence_id, key=evidence_id)
    return c.RecordEvidence(evidence_id=evidence_id, kind=kind, observed_at=observed, origin=origin)


def test_a_later_rejection_opens_the_node_again_from_when_it_was_observed() -> None:
    story = told()
    story.evidence("approval", at=day(1))
    story.evidence("rejection", at=day(9), observed=day(5))
    assert (status(story), story.last(e.NodeReversed).effective_at) == (NodeStatus.OPEN, day(5))


def test_the_answer_names_the_last_word() -> None:
    story = told()
    story.evidence("approval", at=day(1))
    story.evidence("rejection", at=day(2))
    (reason,) = reasons(story)
    assert sentence(reason, "en") == (
        "approved: The last word is the rejection (rejection1) of 2026-03-04 01:00 UTC, not the approval."
    )
    assert "最后一份是rejection（rejection1）" in sentence(reason, "zh")


def test_an_approval_after_the_rejection_reaches_the_node_again() -> None:
    story = told()
    story.evidence("approval", at=day(1))
    story.evidence("rejection", at=day(2))
    story.evidence("approval", at=day(3))
    assert story.last(e.NodeReached).effective_at == day(3)


def test_a_rejection_recorded_late_shows_the_time_in_which_the_node_was_open() -> None:
    story = told()
    story.evidence("approval", at=day(1))
    story.evidence("approval", at=day(5))
    story.evidence("rejection", at=day(6), observed=day(3))
    open_then, after = story.as_of(day(4)), story.as_of(day(6))
    assert open_then and open_then.node("approved").status is NodeStatus.OPEN
    assert after and after.node("approved").status is NodeStatus.REACHED


def test_a_rejection_before_the_approval_changes_nothing() -> None:
    story = told()
    story.evidence("approval", at=day(5))
    story.evidence("rejection", at=day(6), observed=day(3))
    assert status(story) is NodeStatus.REACHED and story.facts(e.NodeReversed) == []


@pytest.mark.parametrize(
    "order", list(permutations([("approval", 1), ("rejection", 2), ("approval", 3), ("rejection", 4)]))
)
def test_every_order_of_recording_comes_to_the_same(order: tuple[tuple[str, int], ...]) -> None:
    story = told()
    for kind, at in order:
        story.evidence(kind, at=day(10), observed=day(at))
    assert status(story) is NodeStatus.OPEN


def test_of_equal_instants_the_later_recorded_decides() -> None:
    story = told()
    story.evidence("rejection", at=day(2), observed=day(1))
    story.evidence("approval", at=day(3), observed=day(1))
    assert status(story) is NodeStatus.REACHED
    story.evidence("rejection", at=day(4), observed=day(1))
    assert status(story) is NodeStatus.OPEN


def test_of_equal_instants_in_one_import_the_later_in_the_file_decides() -> None:
    story = told()
    story.do(imported("r", "rejection", day(1)), imported("a", "approval", day(1)), at=day(2))
    assert status(story) is NodeStatus.REACHED


@pytest.mark.parametrize("order", [("approval", "rejection"), ("rejection", "approval")])
def test_of_equal_instants_in_two_imports_the_one_that_does_not_meet_decides(order: tuple[str, str]) -> None:
    story = told()
    for number, kind in enumerate(order):
        story.do(imported(kind, kind, day(1)), at=day(2 + number))
    assert status(story) is NodeStatus.OPEN


def test_a_disputed_rejection_that_is_confirmed_opens_the_node_again() -> None:
    story = told()
    story.evidence("approval", at=day(1))
    story.evidence("rejection", at=day(2))
    story.do(c.DisputeEvidence(evidence_id="rejection1", reason="not theirs"), at=day(3), who="dora")
    assert status(story) is NodeStatus.REACHED
    story.do(c.ConfirmEvidence(evidence_id="rejection1", reason="it is theirs"), at=day(4), who="dora")
    assert status(story) is NodeStatus.OPEN


def test_a_withdrawn_approval_leaves_the_word_to_what_was_before() -> None:
    story = told()
    story.evidence("approval", at=day(1))
    story.evidence("rejection", at=day(2))
    story.evidence("approval", at=day(3))
    story.do(c.WithdrawEvidence(evidence_id="approval2", reason="a mistake"), at=day(4))
    assert status(story) is NodeStatus.OPEN
    assert story.last(e.NodeReversed).effective_at == day(3)


def test_a_withdrawn_approval_that_said_the_same_again_changes_nothing() -> None:
    story = told()
    story.evidence("approval", at=day(1))
    story.evidence("approval", at=day(2))
    story.do(c.WithdrawEvidence(evidence_id="approval2", reason="a mistake"), at=day(3))
    assert status(story) is NodeStatus.REACHED and story.facts(e.NodeReversed) == []


def test_a_rejection_from_before_a_move_back_still_speaks_and_an_approval_does_not() -> None:
    story = told()
    story.evidence("approval", at=day(1))
    story.progress()
    story.evidence("rejection", at=day(3))
    story.evidence("approval", at=day(4))
    story.do(c.MoveBack(to="decide", reason="again"), at=day(5))
    assert [reason.code for reason in reasons(story)] == [Code.OVERTAKEN]
    story.evidence("approval", at=day(6), observed=day(2))
    assert status(story) is NodeStatus.OPEN
    story.evidence("approval", at=day(7), observed=day(4))
    assert status(story) is NodeStatus.REACHED


def test_a_last_piece_that_does_not_fit_is_the_last_all_the_same() -> None:
    fits = variant(
        ("{latest: [approval, rejection]}", "{latest: [approval, rejection], where: level >= 2}"), text=PROOFS
    )
    story = Story(fits).opened()
    story.evidence("approval", at=day(1), level=3)
    assert status(story) is NodeStatus.REACHED
    story.evidence("approval", at=day(2), level=1)
    assert status(story) is NodeStatus.OPEN
    assert [(reason.code, reason.data["evidence"]) for reason in reasons(story)] == [(Code.RULE_NOT_MET, ["approval2"])]


def test_the_kind_that_is_asked_for_may_be_any_of_those_named() -> None:
    asked = variant(
        ("{latest: [approval, rejection]}", "{evidence: rejection, latest: [approval, rejection]}"), text=PROOFS
    )
    story = Story(asked).opened()
    story.evidence("approval", at=day(1))
    story.evidence("rejection", at=day(2))
    assert story.last(e.NodeReached).evidence == ("rejection1",)
