"""A piece with the kind and all fields of another is recorded, and said to look like it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from dealflow.domain.deal import commands as c
from dealflow.domain.deal.draft import Draft
from dealflow.domain.deal.events import Origin
from dealflow.domain.deal.state import EvidenceStatus
from dealflow.domain.decide.dispatch import Decision
from dealflow.domain.decide.replay import replay
from dealflow.domain.process.definition import ProcessDefinition
from dealflow.domain.track.judge import look_alikes
from tests.support.deals.plain_process import SMALL, process_of
from tests.support.deals.proofs import proofs
from tests.support.deals.stories import START, Story, day, opening

PAYMENT: dict[str, Any] = {"amount": "50", "receipt": "R-1"}


def paid() -> Story:
    story = Story(proofs()).opened()
    story.evidence("payment", at=day(1), evidence_id="p1", **PAYMENT)
    return story


def pairs(decision: Decision) -> list[tuple[str, str]]:
    return [(each.evidence, each.like) for each in decision.look_alikes]


def with_words() -> ProcessDefinition:
    return process_of(SMALL.replace("question: {side: customer}", "question: {side: customer, fields: {asked: text}}"))


def test_the_second_piece_is_recorded_and_says_which_it_looks_like() -> None:
    story = paid()
    decision = story.evidence("payment", at=day(3), observed=day(1), evidence_id="p2", **PAYMENT)
    [look] = decision.look_alikes
    assert (look.evidence, look.like, look.kind) == ("p2", "p1", "payment")
    assert (look.observed_at, look.author, look.status) == (day(1), "anna", EvidenceStatus.VALID)
    assert look.is_same_time and look.has_fields
    assert set(story.deal.evidence) == {"p1", "p2"}


def test_it_may_have_been_observed_at_another_time() -> None:
    [look] = paid().evidence("payment", at=day(31), evidence_id="p2", **PAYMENT).look_alikes
    assert (look.like, look.observed_at, look.is_same_time) == ("p1", day(1), False)


@pytest.mark.parametrize(
    "fields",
    [
        {"amount": "51", "receipt": "R-1"},
        {"amount": "50 EUR", "receipt": "R-1"},
        {"amount": "50", "receipt": "R-2"},
        {"amount": "50"},
        {"amount": "50", "receipt": "R-1", "units": 1},
    ],
)
def test_another_value_a_field_less_or_a_field_more_is_another_piece(fields: dict[str, Any]) -> None:
    assert paid().evidence("payment", at=day(2), evidence_id="p2", **fields).look_alikes == ()


def test_another_kind_with_the_same_fields_is_another_piece() -> None:
    assert paid().evidence("refund", at=day(2), **PAYMENT).look_alikes == ()


@pytest.mark.parametrize("written", ["how much", " How  much ", "\uff48ow much", "how\u200b much"])
def test_capitals_width_blanks_and_what_nobody_sees_make_no_difference(written: str) -> None:
    story = Story(with_words()).opened()
    story.evidence("question", at=day(1), asked="how much")
    assert pairs(story.evidence("question", at=day(9), asked=written)) == [("question2", "question1")]


def test_a_withdrawn_piece_is_looked_like_by_none_and_a_disputed_one_is() -> None:
    story = paid()
    story.do(c.DisputeEvidence(evidence_id="p1", reason="denied"), at=day(2))
    [look] = story.evidence("payment", at=day(3), evidence_id="p2", **PAYMENT).look_alikes
    assert (look.like, look.status) == ("p1", EvidenceStatus.DISPUTED)
    for piece in ("p1", "p2"):
        story.do(c.WithdrawEvidence(evidence_id=piece, reason="wrong"), at=day(4))
    assert story.evidence("payment", at=day(5), evidence_id="p3", **PAYMENT).look_alikes == ()


def test_of_several_the_nearest_in_time_is_named() -> None:
    story = paid()
    for number, at in ((2, 10), (3, 20)):
        story.evidence("payment", at=day(at), evidence_id=f"p{number}", **PAYMENT)
    decision = story.evidence("payment", at=day(30), observed=day(11), evidence_id="p4", **PAYMENT)
    assert pairs(decision) == [("p4", "p2")]


def test_pieces_of_one_command_are_compared_and_each_pair_is_said_once() -> None:
    story = Story(proofs()).opened()
    twice = [story.evidence_of("payment", **PAYMENT) for _ in range(2)]
    assert pairs(story.do(*twice, at=day(1))) == [("payment2", "payment1")]


def test_what_is_recorded_and_withdrawn_in_one_command_looks_like_nothing() -> None:
    story = paid()
    again = story.evidence_of("payment", evidence_id="p2", **PAYMENT)
    assert story.do(again, c.WithdrawEvidence(evidence_id="p2", reason="twice"), at=day(2)).look_alikes == ()


def test_a_correction_that_makes_a_piece_equal_to_another_says_so() -> None:
    story = paid()
    story.evidence("payment", at=day(2), evidence_id="p2", amount="50", receipt="R-2")
    decision = story.do(c.CorrectEvidence(evidence_id="p2", fields={"receipt": "r-1"}, reason="misread"), at=day(3))
    assert pairs(decision) == [("p2", "p1")]
    apart = c.CorrectEvidence(evidence_id="p2", fields={"receipt": "R-3"}, reason="misread")
    assert story.do(apart, at=day(4)).look_alikes == ()


def test_the_earlier_piece_that_is_corrected_looks_like_the_later_one() -> None:
    story = paid()
    story.evidence("payment", at=day(2), evidence_id="p2", amount="50", receipt="R-2")
    decision = story.do(c.CorrectEvidence(evidence_id="p1", fields={"receipt": "R-2"}, reason="misread"), at=day(3))
    assert pairs(decision) == [("p1", "p2")]


@pytest.mark.parametrize(("hours_later", "said"), [(0, True), (6, True), (11.9, True), (12.1, False), (24, False)])
def test_a_piece_without_fields_looks_like_one_of_the_same_half_day(hours_later: float, said: bool) -> None:
    story = Story(proofs()).opened()
    story.evidence("approval", at=day(1))
    decision = story.evidence("approval", at=day(1 + hours_later / 24))
    assert pairs(decision) == ([("approval2", "approval1")] if said else [])
    assert all(not look.has_fields for look in decision.look_alikes)


def imported(story: Story, *pieces: tuple[float, c.RecordEvidence]) -> Sequence[tuple[str, str]]:
    """The pairs that an import of these pieces finds."""
    acts: list[tuple[float, c.Command]] = [(0, opening(story.definition)), *pieces]
    dated: list[tuple[datetime, c.Command]] = []
    for number, (at, act) in enumerate(acts):
        origin = Origin(source="crm", row=f"t.csv:{number + 2}", key=f"k{number}")
        when = "opened_at" if isinstance(act, c.OpenDeal) else "observed_at"
        dated.append((day(at), act.model_copy(update={"origin": origin, when: day(at)})))
    draft = replay(Draft(None, "d1", story.context(START)), dated, day(60))
    return [(each.evidence, each.like) for each in look_alikes(draft.deal, draft.facts)]


def test_an_import_finds_them_as_well() -> None:
    story = Story(proofs())
    one, two = (story.evidence_of("payment", **PAYMENT) for _ in range(2))
    assert imported(story, (1, one), (20, two)) == [("payment2", "payment1")]


def test_imported_pieces_without_fields_look_alike_only_at_one_instant() -> None:
    story = Story(proofs())
    one, two, three = (story.evidence_of("approval") for _ in range(3))
    assert imported(story, (1, one), (1.1, two), (1.1, three)) == [("approval3", "approval2")]
