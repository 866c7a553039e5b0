"""Who may do what to a deal, and that a refusal names who may."""

import pytest

from dealflow.domain.deal import commands as c
from dealflow.domain.people.organisation import Organisation, Person
from dealflow.domain.values.refusal import Code
from dealflow.wording.sentences import sentence
from tests.support.deals.stories import PEOPLE, Story, day

ANSWERING = [
    c.WaiveNode(node="need_confirmed", reason="r"),
    c.OverrideGate(reason="r"),
    c.WinDeal(reason="r"),
    c.ConfirmEvidence(evidence_id="reply1", reason="r"),
    c.DecideEscalation(decision="extend", reason="r"),
]
WORKING = [
    c.MoveBack(to="meet", reason="r"),
    c.LoseDeal(reason="price"),
    c.CancelDeal(reason="price"),
    c.ReassignDeal(owner="bob"),
]


def stalled() -> Story:
    story = Story().opened().moved_to("learn")
    story.evidence("reply")
    story.do(c.DisputeEvidence(evidence_id="reply1", reason="the customer denies it"))
    story.progress(day(5))
    return story


@pytest.mark.parametrize("command", ANSWERING, ids=lambda command: command.act)
def test_nobody_answers_for_a_deal_they_own_and_is_told_who_may(command: c.Command) -> None:
    reason = stalled().refused(command, who="anna")
    assert (reason.code, reason.data["who_may"]) == (Code.OWN_DEAL, ["mei", "dora", "sun"])


@pytest.mark.parametrize("command", ANSWERING, ids=lambda command: command.act)
def test_the_owner_does_not_get_round_it_by_acting_for_the_director(command: c.Command) -> None:
    assert stalled().refused(command, who="anna", on_behalf_of="dora").code is Code.OWN_DEAL


@pytest.mark.parametrize("command", ANSWERING, ids=lambda command: command.act)
def test_a_director_does_not_get_round_it_by_acting_for_the_owner(command: c.Command) -> None:
    assert stalled().refused(command, who="dora", on_behalf_of="anna").code is Code.OWN_DEAL


@pytest.mark.parametrize("who", ["bob", "zhou", "lin", "stranger"])
@pytest.mark.parametrize("command", ANSWERING, ids=lambda command: command.act)
def test_only_someone_above_the_owner_answers_for_the_deal(command: c.Command, who: str) -> None:
    reason = stalled().refused(command, who=who)
    assert (reason.code, reason.data["who_may"]) == (Code.NOT_PERMITTED, ["mei", "dora", "sun"])


@pytest.mark.parametrize("who", ["mei", "dora", "sun"])
@pytest.mark.parametrize("command", ANSWERING, ids=lambda command: command.act)
def test_everyone_above_the_owner_answers_for_the_deal(command: c.Command, who: str) -> None:
    stalled().do(command, who=who)


@pytest.mark.parametrize("command", ANSWERING, ids=lambda command: command.act)
def test_acting_for_a_director_uses_the_directors_rights_and_both_are_on_record(command: c.Command) -> None:
    story = stalled()
    story.do(command, who="bob", on_behalf_of="dora")
    stamp = story.recorded[-1].stamp
    assert (stamp.actor, stamp.on_behalf_of) == ("bob", "dora")


@pytest.mark.parametrize("who", ["anna", "mei", "dora"])
@pytest.mark.parametrize("command", WORKING, ids=lambda command: command.act)
def test_the_owner_and_those_above_work_on_a_deal(command: c.Command, who: str) -> None:
    stalled().do(command, who=who)


@pytest.mark.parametrize("command", WORKING, ids=lambda command: command.act)
def test_a_colleague_does_not_move_another_sellers_deal(command: c.Command) -> None:
    reason = stalled().refused(command, who="bob")
    assert (reason.code, reason.data["who_may"]) == (Code.NOT_PERMITTED, ["anna", "mei", "dora", "sun"])


def test_anyone_of_the_house_records_what_a_customer_did() -> None:
    story = Story().opened()
    story.do(story.evidence_of("talk", whom="decider"), who="zhou")
    assert story.deal.evidence["talk1"].author == "zhou"


def test_evidence_recorded_for_somebody_is_theirs() -> None:
    story = Story().opened()
    story.do(story.evidence_of("reply"), who="bob", on_behalf_of="anna")
    assert story.deal.evidence["reply1"].author == "anna"


def test_a_deal_that_nobody_owns_is_answered_for_by_a_director() -> None:
    story = Story().opened(owner=None)
    reason = story.refused(c.OverrideGate(reason="r"), who="mei")
    assert (reason.code, reason.data["who_may"]) == (Code.NOT_PERMITTED, ["dora", "lin", "sun"])
    story.do(c.OverrideGate(reason="r"), who="lin")


def test_without_an_organisation_nobody_passes_a_gate_by_word_alone() -> None:
    story = Story(people=Organisation(declared=False)).opened()
    reason = story.refused(c.OverrideGate(reason="r"), who="root")
    assert reason.code is Code.NOT_PERMITTED
    assert "nobody stands above anna, because there is no people.yaml" in sentence(reason, "en")
    assert "没有 people.yaml，anna之上没有人" in sentence(reason, "zh")


def test_without_an_organisation_the_owner_is_told_the_same() -> None:
    story = Story(people=Organisation(declared=False)).opened()
    reason = story.refused(c.OverrideGate(reason="r"), who="anna")
    assert reason.code is Code.OWN_DEAL
    assert "nobody stands above anna, because there is no people.yaml" in sentence(reason, "en")
    unowned = Story(people=Organisation(declared=False)).opened(owner=None)
    assert "above a deal without owner" in sentence(unowned.refused(c.OverrideGate(reason="r"), who="root"), "en")


def test_without_an_organisation_anyone_works_on_a_deal() -> None:
    story = Story(people=Organisation(declared=False)).opened()
    story.do(c.LoseDeal(reason="price"), who="root")


def test_the_owner_of_a_deal_is_somebody_of_the_house() -> None:
    story = Story()
    reason = story.refused(_open("ana"))
    assert (reason.code, reason.suggestion) == (Code.UNKNOWN_PERSON, "anna")


def _open(owner: str) -> c.OpenDeal:
    from tests.support.deals.stories import opening

    return opening(Story().definition, owner=owner)


def test_a_director_at_the_top_has_nobody_who_answers_for_their_own_deal() -> None:
    top = Organisation(people={**PEOPLE.people, "top": Person(id="top", name="Top", role="director")})
    story = Story(people=top).opened(owner="top")
    reason = story.refused(c.OverrideGate(reason="r"), who="top")
    assert (reason.code, reason.data["who_may"]) == (Code.OWN_DEAL, [])
    assert "people.yaml puts nobody above top" in sentence(reason, "en")
