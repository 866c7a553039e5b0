"""An open stall follows: whoever comes to answer for it hears of it at once, and once; the record says who was told."""

import pytest

from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.escalation.notices_of import notices_of
from dealflow.domain.people.organisation import Organisation, Person
from tests.support.deals.stories import Story, day

HOUSE = Organisation(
    people={
        one.id: one
        for one in (
            Person(id="anna", name="Anna", manager="dora"),
            Person(id="ben", name="Ben", manager="rolf"),
            Person(id="dora", name="Dora", role="director", manager="sun"),
            Person(id="rolf", name="Rolf", role="director", manager="tim"),
            Person(id="sun", name="Sun", role="manager"),
            Person(id="tim", name="Tim", role="manager"),
        )
    },
    declared=True,
)


def stalled(at: float = 14) -> Story:
    story = Story(people=HOUSE).opened()
    story.progress(day(at))
    return story


def told(story: Story) -> list[tuple[int, tuple[str, ...]]]:
    return [(fact.rung, fact.recipients) for fact in story.facts(e.RungReached)]


def changed(**people: str | None) -> Organisation:
    """The house with other managers; None: the person has left."""
    kept = {name: one for name, one in HOUSE.people.items() if people.get(name, "") is not None}
    moved = {name: kept[name].model_copy(update={"manager": to}) for name, to in people.items() if to}
    return Organisation(people={**kept, **moved}, declared=True)


@pytest.mark.parametrize(("at", "hear"), [(10, ("ben", "rolf")), (12, ("ben", "rolf")), (14, ("ben", "rolf", "tim"))])
def test_a_new_owner_and_those_above_hear_at_once_of_what_is_open(at: float, hear: tuple[str, ...]) -> None:
    story = stalled(at)
    before = len(told(story))
    decision = story.do(c.ReassignDeal(owner="ben", reason="another territory"), who="dora", at=day(at + 0.5))
    assert [recipients for _, recipients in told(story)[before:]] == [hear]
    notices = notices_of(decision.facts, story.deal, story.definition, HOUSE, story.now)
    kinds = {person: "reassigned" if person == "ben" else "escalation" for person in hear}
    assert [notice.kind for notice in notices if notice.recipient == "ben"] == ["reassigned"]
    assert {(notice.recipient, notice.kind) for notice in notices} >= set(kinds.items())
    assert story.raised.recipients[-len(hear) :] == hear
    assert [fact for fact in story.progress(day(at + 0.6)) if isinstance(fact, e.RungReached)] == []


def test_nobody_hears_of_a_stall_that_is_over_or_of_none() -> None:
    story = Story(people=HOUSE).opened()
    story.do(c.ReassignDeal(owner="ben", reason="another territory"), who="dora", at=day(1))
    assert told(story) == []
    story = stalled()
    (stall,) = story.deal.open_stalls
    before = len(told(story))
    answer = c.DecideEscalation(escalation=stall.id, decision="reassign", reason="another territory", to="ben")
    story.do(answer, who="dora", at=day(15))
    assert told(story)[before:] == []


@pytest.mark.parametrize(
    ("house", "hear"),
    [
        (changed(anna="rolf"), ("rolf", "tim")),
        (changed(dora="tim"), ("tim",)),
        (changed(dora=None, anna="rolf"), ("rolf", "tim")),
        (HOUSE, ()),
    ],
)
def test_a_house_that_changed_is_followed_at_the_next_look(house: Organisation, hear: tuple[str, ...]) -> None:
    story = stalled()
    before = len(told(story))
    story.people = house
    story.progress(day(15))
    assert [recipients for _, recipients in told(story)[before:]] == ([hear] if hear else [])
    story.progress(day(16))
    assert len(told(story)) == before + bool(hear)


def test_the_next_step_comes_at_its_own_time_and_tells_who_holds_it_then() -> None:
    story = stalled(12)
    due = story.raised.next_rung_at
    story.do(c.ReassignDeal(owner="ben", reason="another territory"), who="dora", at=day(12.5))
    assert story.raised.next_rung_at == due == day(14)
    story.progress(day(14))
    assert told(story)[-1] == (2, ("tim",))


def test_who_holds_a_place_again_is_told_again_under_a_key_of_their_own() -> None:
    story = stalled()
    keys = []
    for at, house in ((15, changed(anna="rolf")), (16, HOUSE), (17, changed(anna="rolf")), (18, HOUSE)):
        story.people = house
        facts = story.progress(day(at))
        keys.append({notice.key for notice in notices_of(facts, story.deal, story.definition, house, story.now)})
    assert [recipients for _, recipients in told(story)[-4:]] == [("rolf", "tim"), ("dora", "sun")] * 2
    assert [len(each) for each in keys] == [2, 2, 2, 2] and len(set.union(*keys)) == 8
    released = [fact.released for fact in story.facts(e.RungReached)][-4:]
    assert released == [("dora", "sun"), ("rolf", "tim")] * 2
    assert set(story.raised.recipients) == {"anna", "dora", "sun"} and set(story.raised.heard) >= {"rolf", "tim"}
    assert story.progress(day(18.5)) == []
