"""A new owner hears of the deal in one message: from whom, why, what is due next, and all that is open."""

import pytest

from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.decide.dispatch import Decision
from dealflow.domain.escalation.notice import HandedOver, Notice
from dealflow.domain.escalation.notices_of import notices_of
from tests.support.deals.stories import START, Story, day, money


def told(story: Story, decision: Decision, by: str = "mei") -> list[Notice]:
    return list(notices_of(decision.facts, story.deal, story.definition, story.people, story.now, by=by))


def handed(notice: Notice) -> HandedOver:
    assert notice.subject.handed_over is not None
    return notice.subject.handed_over


def points(notice: Notice) -> list[tuple[str, str]]:
    return [(each.what, each.name or each.clock) for each in handed(notice).points]


def test_where_nothing_is_open_the_message_says_what_comes_and_what_is_due() -> None:
    story = Story().opened()
    story.do(c.PlanStep(step_id="s", what="call them", by=day(9)))
    decision = story.do(c.ReassignDeal(owner="bob", reason="anna is ill"), who="mei", at=day(1))
    (notice,) = told(story, decision)
    assert (notice.recipient, notice.kind, notice.mode) == ("bob", "reassigned", "now")
    assert notice.key == f"d1%2F{story.deal.version}/owner/0/bob"
    assert (handed(notice).previous, handed(notice).by, handed(notice).reason) == ("anna", "mei", "anna is ill")
    assert points(notice) == [("step", "call them"), ("clock", "stage_age")]
    assert [node.id for node in notice.subject.missing] == ["helper_met", "decider_met"]


def test_given_again_it_is_another_message() -> None:
    story = Story().opened()
    keys = {
        told(story, story.do(c.ReassignDeal(owner=owner, reason="r"), who="mei", at=day(number)))[0].key
        for number, owner in enumerate(("bob", "anna", "bob"), start=1)
    }
    assert len(keys) == 3


def test_stalls_are_named_in_the_one_message_and_on_record() -> None:
    story = Story().opened()
    story.progress(day(10))
    decision = story.do(c.ReassignDeal(owner="bob", reason="anna is ill"), who="mei", at=day(11))
    (notice,) = [one for one in told(story, decision) if one.recipient == "bob"]
    assert notice.kind == "reassigned" and ("stall", "d1/1/1/stage_age/1") in points(notice)
    assert "bob" in story.raised.recipients
    assert "bob" not in [one for fact in story.progress(day(11.5)) for one in getattr(fact, "recipients", ())]


def test_a_reassignment_by_an_answer_is_one_message_to_the_new_owner() -> None:
    story = Story().opened()
    story.progress(day(10))
    answer = c.DecideEscalation(decision="reassign", to="bob", reason="anna is ill")
    found = told(story, story.do(answer, who="mei", at=day(11)))
    assert [(one.recipient, one.kind) for one in found if one.recipient == "bob"] == [("bob", "reassigned")]
    assert ("anna", "decided") in [(one.recipient, one.kind) for one in found]


def test_what_waits_for_somebody_above_is_said() -> None:
    story = Story().opened()
    story.do(c.AmendDeal(amount=money("1"), reason="less"), who="anna", at=day(1))
    decision = story.do(c.ReassignDeal(owner="bob", reason="r"), who="mei", at=day(2))
    assert ("amount", "") in points(told(story, decision)[0])


@pytest.mark.parametrize(
    ("command", "who"),
    [
        (c.ReassignDeal(owner="mei", reason="mine now"), "mei"),
        (c.ReassignDeal(owner="bob", origin=e.Origin(source="crm", row="1", key="k")), "ops"),
    ],
    ids=["taken", "said by another system"],
)
def test_nobody_is_told_what_they_did_themselves_or_what_an_import_says(command: c.Command, who: str) -> None:
    story = Story().opened()
    assert told(story, story.do(command, who=who, at=day(1))) == []


def test_of_a_lost_deal_there_is_nothing_to_tell() -> None:
    story = Story().opened()
    story.do(c.LoseDeal(reason="price"), at=START)
    assert told(story, story.do(c.ReassignDeal(owner="bob", reason="r"), who="mei", at=day(1))) == []
