"""What still waits is told to whom it still concerns: nobody hears of what is over, nobody of what is others' now."""

import pytest

from dealflow.domain.deal import commands as c
from dealflow.domain.escalation import concern
from dealflow.domain.escalation.concern import why_superseded
from dealflow.domain.escalation.notice import Notice
from dealflow.domain.escalation.notices_of import notices_of
from dealflow.domain.people.organisation import Organisation
from tests.support.deals.stories import PEOPLE, Story, day


def waiting(story: Story) -> list[Notice]:
    facts = [recorded.fact for recorded in story.recorded]
    return list(notices_of(facts, story.deal, story.definition, story.people, story.now))


def why(story: Story, notices: list[Notice], people: Organisation = PEOPLE) -> dict[tuple[str, str], str | None]:
    return {(one.kind, one.recipient): why_superseded(one, story.deal, story.definition, people) for one in notices}


def stalled() -> tuple[Story, list[Notice]]:
    story = Story().opened()
    story.progress(day(8))
    story.progress(day(10))
    return story, waiting(story)


def test_while_nothing_changes_all_of_it_is_told() -> None:
    story, notices = stalled()
    assert set(why(story, notices)) == {("warning", "anna"), ("escalation", "anna"), ("escalation", "dora")}
    assert set(why(story, notices).values()) == {None}


@pytest.mark.parametrize(
    ("command", "who"),
    [
        (c.DecideEscalation(decision="extend", reason="r"), "mei"),
        (c.LoseDeal(reason="price"), "mei"),
        (c.OverrideGate(reason="r"), "mei"),
    ],
    ids=lambda value: getattr(value, "act", value),
)
def test_nobody_hears_of_what_is_over(command: c.Command, who: str) -> None:
    story, notices = stalled()
    story.do(command, who=who, at=day(11))
    story.progress(day(11.1))
    assert set(why(story, notices).values()) == {concern.CLOCK_ENDED, concern.STALL_ENDED}


def test_whoever_had_the_deal_hears_no_more_of_its_stall() -> None:
    story, notices = stalled()
    story.do(c.ReassignDeal(owner="zhou", reason="r"), who="dora", at=day(11))
    assert set(why(story, notices).values()) == {concern.OTHERS_ANSWER}


def test_the_people_of_now_count_and_not_those_of_then() -> None:
    story, notices = stalled()
    changed = {**PEOPLE.people, "anna": PEOPLE.people["anna"].model_copy(update={"manager": "lin"})}
    found = why(story, notices, PEOPLE.model_copy(update={"people": changed}))
    assert found["escalation", "dora"] == concern.OTHERS_ANSWER and found["escalation", "anna"] is None


def test_a_deal_given_on_is_not_told_as_given() -> None:
    story = Story().opened()
    story.do(c.ReassignDeal(owner="bob", reason="r"), who="mei", at=day(1))
    given = waiting(story)
    assert why(story, given) == {("reassigned", "bob"): None}
    story.do(c.ReassignDeal(owner="anna", reason="r"), who="mei", at=day(2))
    assert why(story, given) == {("reassigned", "bob"): concern.OTHER_OWNER}
    back = [one for one in waiting(story) if one.recipient == "anna"]
    story.do(c.LoseDeal(reason="price"), at=day(3))
    assert why(story, back) == {("reassigned", "anna"): concern.DEAL_ENDED}


def test_a_proof_that_is_there_again_is_told_to_nobody() -> None:
    story = Story().opened().moved_to("learn")
    met = next(one for one in story.deal.evidence)
    story.do(c.WithdrawEvidence(evidence_id=met, reason="r"), who="mei")
    lost = [one for one in waiting(story) if one.kind == "proof_lost"]
    assert lost and set(why(story, lost).values()) == {None}
    story.evidence("talk", whom="decider")
    assert set(why(story, lost).values()) == {concern.PROOF_IS_THERE}


def test_a_decision_is_told_to_whoever_was_to_hear_of_the_stall() -> None:
    story, _ = stalled()
    story.do(c.DecideEscalation(decision="lose", lost_reason="price", reason="r"), who="mei", at=day(11))
    decided = [one for one in waiting(story) if one.kind == "decided"]
    assert decided and set(why(story, decided).values()) == {None}
