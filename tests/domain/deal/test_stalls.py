"""A stall and its escalation as state: what cannot be has no form, and every stored stream still has one."""

import pytest

from dealflow.domain.deal import events as e
from dealflow.domain.deal.stalls import Decided, NotRaised, Raised
from tests.support.deals.stories import Story, day

STALL = "d1/1/1/stage_age/1"


def recorded() -> Story:
    """The clock has run out, and nobody has been asked."""
    story = Story().opened()
    story.add(
        [
            e.StallRecorded(
                effective_at=day(10), stall_id=STALL, clock="stage_age", stage="meet", visit=1, episode=1,
                since=day(0), limit="10 days",
            )
        ]
    )  # fmt: skip
    return story


def raised() -> Story:
    story = recorded()
    story.add(
        [
            e.EscalationRaised(
                effective_at=day(11), stall_id=STALL, backlog=False, counted_from=day(10), next_at=day(12)
            ),
            e.RungReached(
                effective_at=day(12), stall_id=STALL, rung=0, recipients=("anna", "dora"), next_at=day(14)
            ),
        ]
    )  # fmt: skip
    return story


def answer() -> e.EscalationDecided:
    return e.EscalationDecided(effective_at=day(13), stall_id=STALL, decision="extend", reason="They meet on Friday.")


def test_a_recorded_stall_is_open_and_nobody_has_been_asked() -> None:
    (stall,) = recorded().deal.open_stalls
    assert stall.escalation == NotRaised()


def test_rungs_gather_in_what_was_raised() -> None:
    (stall,) = raised().deal.open_stalls
    assert stall.escalation == Raised(
        at=day(11),
        counted_from=day(10),
        rung=0,
        next_rung_at=day(14),
        recipients=("anna", "dora"),
        told=((0, "anna"), (0, "dora")),
    )


def test_a_decision_ends_the_stall_and_holds_what_it_answers() -> None:
    story = raised()
    story.add([answer()], actor="dora")
    stall, decided = story.ended(STALL), story.decided(STALL)
    assert (stall.how, stall.ended_at, story.deal.open_stalls) == ("decided", day(13), ())
    assert (decided.decision, decided.by, decided.at, decided.raised.at) == ("extend", "dora", day(13), day(11))


def test_a_decision_on_a_stall_that_was_never_raised_counts_it_as_raised_by_the_answer() -> None:
    story = recorded()
    story.add([answer()], actor="dora")
    assert story.decided(STALL).raised == Raised(at=day(13), counted_from=day(10))


def test_no_rung_is_to_come_after_the_end() -> None:
    story = raised()
    story.add([e.StallEnded(effective_at=day(13), stall_id=STALL, how="moved")])
    escalation = story.ended(STALL).escalation
    assert isinstance(escalation, Raised) and (escalation.rung, escalation.next_rung_at) == (0, None)


@pytest.mark.parametrize("late", ["raised", "rung"])
def test_what_comes_after_the_end_changes_nothing(late: str) -> None:
    story = recorded()
    story.add([e.StallEnded(effective_at=day(11), stall_id=STALL, how="moved")])
    before = story.ended(STALL)
    facts: dict[str, e.Fact] = {
        "raised": e.EscalationRaised(effective_at=day(12), stall_id=STALL, backlog=False, counted_from=day(10)),
        "rung": e.RungReached(effective_at=day(12), stall_id=STALL, rung=0, recipients=("anna",)),
    }
    story.add([facts[late]])
    assert story.ended(STALL) == before


def test_decided_without_raised_cannot_be_written_down() -> None:
    with pytest.raises(TypeError, match="raised"):
        Decided(decision="extend", by="dora", at=day(13))  # type: ignore[call-arg]  # the checker refuses it too
