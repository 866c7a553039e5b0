"""Who may do what to a deal, and that a refusal names who may."""

import pytest

from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.people.rights import Rights
from dealflow.domain.values.refusal import Code
from tests.support.deals.stories import PEOPLE, Story, day, money

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
    c.AmendDeal(title="B", reason="r"),
]
ABOVE = ["mei", "dora", "sun"]


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


@pytest.mark.parametrize("command", [*ANSWERING, *WORKING], ids=lambda command: command.act)
def test_who_sees_the_deal_and_may_not_learns_who_may(command: c.Command) -> None:
    reason = stalled().refused(command, who="ops")
    assert (reason.code, reason.data["who_may"][-3:]) == (Code.NOT_PERMITTED, ABOVE)


@pytest.mark.parametrize("who", ["bob", "zhou", "lin", "stranger"])
@pytest.mark.parametrize("command", [*ANSWERING, *WORKING], ids=lambda command: command.act)
def test_for_who_does_not_see_it_the_deal_is_not_there(command: c.Command, who: str) -> None:
    reason = stalled().refused(command, who=who)
    assert (reason.code, reason.data, reason.suggestion) == (Code.UNKNOWN_DEAL, {"given": "d1"}, None)


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


def test_evidence_recorded_for_somebody_is_theirs() -> None:
    story = Story().opened()
    story.do(story.evidence_of("reply"), who="bob", on_behalf_of="anna")
    assert story.deal.evidence["reply1"].author == "anna"


def test_a_deal_that_nobody_owns_is_answered_for_by_a_director() -> None:
    story = Story().opened(owner=None)
    reason = story.refused(c.OverrideGate(reason="r"), who="ops")
    assert (reason.code, reason.data["who_may"]) == (Code.NOT_PERMITTED, ["dora", "lin", "sun"])
    story.do(c.OverrideGate(reason="r"), who="lin")
    assert not story.last(e.GateMet).alone


def test_a_home_without_people_belongs_to_the_one_who_works_in_it() -> None:
    story = Story(people=Organisation(declared=False)).opened()
    story.do(c.OverrideGate(reason="r"), who="root")
    assert story.last(e.GateMet).alone
    story.do(c.LoseDeal(reason="price"), who="root")


def test_the_owner_of_a_deal_is_somebody_of_the_house() -> None:
    story = Story()
    reason = story.refused(_open("ana"))
    assert (reason.code, reason.suggestion) == (Code.UNKNOWN_PERSON, "anna")


def _open(owner: str) -> c.OpenDeal:
    from tests.support.deals.stories import opening

    return opening(Story().definition, owner=owner)


def test_only_those_above_give_a_deal_to_another_owner() -> None:
    reason = Story().opened().refused(c.ReassignDeal(owner="bob"), who="anna")
    assert (reason.code, reason.data["who_may"]) == (Code.OWN_DEAL, ABOVE)


def test_who_decides_by_a_waiver_needs_the_right_to_waive() -> None:
    rights = Rights(changed={"waive": ("director",)})
    story = Story(people=PEOPLE.model_copy(update={"rights": rights})).opened().moved_to("learn")
    story.progress(day(5))
    by_answer = c.DecideEscalation(decision="waive", node="need_confirmed", reason="r")
    assert story.refused(by_answer, who="mei").data["who_may"] == ["dora", "lin", "sun"]
    story.do(by_answer, who="dora")


@pytest.mark.parametrize("claim", [c.ClaimStage(stage="sign"), c.ClaimOutcome(outcome="won"), c.AmendDeal(
    amount=money("10"), origin=e.Origin(source="crm", row="1", key="crm/1"))], ids=["stage", "outcome", "origin"])  # fmt: skip
@pytest.mark.parametrize("who", ["anna", "dora"])
def test_what_another_system_says_is_nobodys_word(claim: c.Command, who: str) -> None:
    reason = Story().opened().refused(claim, who=who)
    assert (reason.code, reason.data["who_may"]) == (Code.NOT_PERMITTED, ["ops"])
