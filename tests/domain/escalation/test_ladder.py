"""Who hears of a stall and when: warnings, rungs, skipped rungs, empty places, and the backlog of an import."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealflow.domain.clocks.due import next_due
from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.escalation.ladder import recipients
from dealflow.domain.people.organisation import Organisation, Person, Role
from dealflow.domain.process.definition import Place
from tests.support.deals.plain_process import variant
from tests.support.deals.stories import PEOPLE, Story, day


def organisation(*people: Person) -> Organisation:
    return Organisation(people={person.id: person for person in people})


def rungs(story: Story) -> list[tuple[int, tuple[str, ...]]]:
    return [(fact.rung, fact.recipients) for fact in story.facts(e.RungReached)]


def test_a_warning_comes_before_the_limit_once() -> None:
    story = Story().opened()
    for at in (7.9, 8, 8, 9):
        story.progress(day(at))
    (warning,) = story.facts(e.WarningGiven)
    assert (warning.effective_at, warning.due_at, warning.recipients) == (day(8), day(10), ("anna",))
    assert next_due(story.deal) == day(10)


def test_a_warning_that_the_worker_slept_through_is_not_given_after_the_deadline() -> None:
    story = Story().opened()
    story.progress(day(10))
    assert story.facts(e.WarningGiven) == [] and len(story.facts(e.StallRecorded)) == 1


def test_the_first_rung_fires_at_the_deadline_and_tells_owner_and_director() -> None:
    story = Story().opened()
    story.progress(day(10))
    raised = story.last(e.EscalationRaised)
    assert (raised.backlog, raised.counted_from, raised.effective_at) == (False, day(10), day(10))
    assert rungs(story) == [(0, ("anna", "dora"))]
    assert next_due(story.deal) == day(12)


def test_each_rung_fires_at_its_own_time_and_the_last_is_the_end() -> None:
    story = Story().opened()
    for at in (10, 11.9, 12, 13.9, 14, 40):
        story.progress(day(at))
    assert rungs(story) == [(0, ("anna", "dora")), (1, ("dora",)), (2, ("sun",))]
    assert [fact.effective_at for fact in story.facts(e.RungReached)] == [day(10), day(12), day(14)]
    assert next_due(story.deal) is None


def test_the_rung_of_high_risk_marks_the_stall() -> None:
    story = Story().opened()
    story.progress(day(12))
    assert not story.raised.high_risk
    story.progress(day(14))
    assert story.raised.high_risk


def test_rungs_count_from_the_deadline_although_the_worker_was_late() -> None:
    story = Story().opened()
    story.progress(day(11))
    assert (story.last(e.EscalationRaised).counted_from, next_due(story.deal)) == (day(10), day(12))


def test_after_an_outage_only_the_highest_due_rung_fires_and_tells_those_of_the_skipped_ones() -> None:
    story = Story().opened()
    story.progress(day(30))
    assert rungs(story) == [(2, ("anna", "dora", "sun"))]
    assert story.raised.high_risk and next_due(story.deal) is None


def test_an_outage_after_the_first_rung_skips_only_what_was_missed() -> None:
    story = Story().opened()
    story.progress(day(10))
    story.progress(day(14))
    assert rungs(story) == [(0, ("anna", "dora")), (2, ("dora", "sun"))]


def test_a_skipped_rung_of_high_risk_marks_the_stall_too() -> None:
    ladder = variant(
        ("{after: 2 days, to: [director]}", "{after: 2 days, to: [director], high_risk: true}"),
        ("{after: 4 days, to: [superior], high_risk: true}", "{after: 4 days, to: [superior]}"),
    )
    story = Story(ladder).opened()
    story.progress(day(14))
    assert story.raised.high_risk


def test_a_mark_of_high_risk_stays_on_later_rungs() -> None:
    ladder = variant(
        ("{after: 2 days, to: [director]}", "{after: 2 days, to: [director], high_risk: true}"),
        ("{after: 4 days, to: [superior], high_risk: true}", "{after: 4 days, to: [superior]}"),
    )
    story = Story(ladder).opened()
    story.progress(day(12))
    story.progress(day(14))
    assert story.raised.high_risk


def test_a_rung_fires_at_the_instant_that_was_stored_although_the_calendar_has_changed_since() -> None:
    story = Story().opened()
    story.progress(day(10))
    slower = variant(("{after: 2 days, to: [director]}", "{after: 3 days, to: [director]}"))
    story.definition = slower
    assert next_due(story.deal) == day(12)
    story.progress(day(12))
    assert rungs(story)[-1] == (1, ("dora",))


def test_a_new_owner_has_the_later_rungs_and_their_director_asked() -> None:
    story = Story().opened()
    story.progress(day(10))
    story.do(c.ReassignDeal(owner="zhou", reason="r"), at=day(11), who="dora")
    story.progress(day(12))
    assert rungs(story)[-1] == (1, ("lin",))


@pytest.mark.parametrize(
    ("places", "owner", "told"),
    [
        (("owner",), "anna", ("anna",)),
        (("director",), "anna", ("dora",)),
        (("superior",), "anna", ("sun",)),
        (("owner", "director", "superior", "owner"), "anna", ("anna", "dora", "sun")),
        (("director",), "mei", ("dora",)),
        (("director",), "dora", ("sun",)),
        (("superior",), "zhou", ("lin",)),
        (("director", "superior"), "zhou", ("lin",)),
    ],
)
def test_places_are_held_by_people(places: tuple[Place, ...], owner: str, told: tuple[str, ...]) -> None:
    assert recipients(places, owner, PEOPLE) == told


def test_the_nearest_manager_holds_the_directors_place_where_nobody_above_is_a_director() -> None:
    people = organisation(
        Person(id="s", name="S", manager="m"), Person(id="m", name="M", role="manager", manager="g"),
        Person(id="g", name="G", role="manager"),
    )  # fmt: skip
    assert recipients(("director",), "s", people) == ("m",)
    assert recipients(("superior",), "s", people) == ("g",)


def test_the_empty_place_of_an_unknown_owner_passes_upward_to_the_directors() -> None:
    assert recipients(("owner",), "gone", PEOPLE) == ("dora", "lin", "sun")
    assert recipients(("owner", "director"), None, PEOPLE) == ("dora", "lin", "sun")


def test_a_seller_with_nobody_above_hears_of_it_alone() -> None:
    people = organisation(Person(id="s", name="S"))
    assert recipients(("owner", "director", "superior"), "s", people) == ("s",)


def test_in_a_circle_nobody_stands_above_and_other_directors_hear() -> None:
    circle = (Person(id="a", name="A", manager="b"), Person(id="b", name="B", manager="a"))
    people = organisation(*circle, Person(id="d", name="D", role="director"))
    assert recipients(("director", "superior"), "a", people) == ("d",)


def test_who_is_below_a_circle_has_somebody_above() -> None:
    circle = (Person(id="a", name="A", manager="b"), Person(id="b", name="B", manager="a"))
    assert recipients(("director", "superior"), "s", organisation(*circle, Person(id="s", name="S", manager="a"))) == (
        "a",
        "b",
    )


def test_a_place_whose_holder_has_owned_the_deal_passes_upward_and_then_to_other_directors() -> None:
    assert recipients(("director", "superior"), "anna", PEOPLE, {"dora"}) == ("sun",)
    assert recipients(("owner", "director"), "anna", PEOPLE, {"mei", "dora", "sun"}) == ("anna", "lin")


def test_where_nobody_is_left_the_holder_hears() -> None:
    people = organisation(Person(id="d", name="D", role="director"), Person(id="s", name="S", manager="d"))
    assert recipients(("director", "superior"), "d", people) == ("d",)
    assert recipients(("director", "superior"), "s", people, {"d"}) == ("d",)


@st.composite
def organisations(draw: st.DrawFn) -> Organisation:
    """Small houses of any shape, with loops and with managers that nobody is."""
    ids = [f"p{n}" for n in range(draw(st.integers(1, 6)))]
    roles: tuple[Role, ...] = ("seller", "manager", "director")
    people = st.builds(
        Person,
        name=st.just("P"),
        role=st.sampled_from(roles),
        manager=st.none() | st.sampled_from([*ids, "nobody"]),
        id=st.just("p"),
    )
    return organisation(*(draw(people).model_copy(update={"id": person_id}) for person_id in ids))


@given(organisations())
def test_no_place_is_empty_but_the_superiors_where_somebody_directs(people: Organisation) -> None:
    for owner in people.people:
        above = [person.id for person in people.above(owner)]
        director = recipients(("director",), owner, people)
        superior = recipients(("superior",), owner, people)
        assert recipients(("owner",), owner, people) == (owner,)
        assert director and (len(director) == 1 and set(director) <= set(above) if above else director == superior)
        heard = recipients(("owner", "director", "superior"), owner, people)
        assert heard == tuple(dict.fromkeys((owner, *director, *superior)))
