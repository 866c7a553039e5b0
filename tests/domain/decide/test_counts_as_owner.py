"""Who counts as owner decides nothing, and where nobody stands above the right passes on, at last to whoever is left, alone."""

import pytest

from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.state import EvidenceStatus
from dealflow.domain.people.organisation import Deputy, Organisation, Person
from dealflow.domain.values.refusal import Code
from tests.support.deals.stories import PEOPLE, START, Story, day, money

WAIVE = c.WaiveNode(node="need_confirmed", reason="r")
DETOURS = [
    WAIVE,
    c.OverrideGate(reason="r"),
    c.WinDeal(reason="r"),
    c.ConfirmEvidence(evidence_id="talk1", reason="r"),
    c.DecideEscalation(decision="extend", reason="r"),
    c.AmendDeal(amount=money("1000"), reason="r", confirm=True),
]


def house(*people: Person) -> Organisation:
    return Organisation(people={person.id: person for person in people})


def directed(*, by_others: bool) -> Organisation:
    """Dora directs anna; with others besides there are sun above dora, and lin."""
    people = {name: PEOPLE.people[name] for name in ("anna", "bob", "mei", "zhou", "dora", "ops")}
    if by_others:
        return PEOPLE
    people["dora"] = people["dora"].model_copy(update={"manager": None})
    people["mei"] = people["mei"].model_copy(update={"manager": None})
    people["anna"] = people["anna"].model_copy(update={"manager": "dora"})
    return Organisation(people=people)


def lent(people: Organisation = PEOPLE) -> Story:
    """Dora owned the deal and worked on it, and gave it to anna."""
    story = Story(people=people)
    story.do(c.OpenDeal(title="A", process=story.context(START).ref, owner="dora", amount=money("1000")), who="dora")
    story.do(story.evidence_of("talk", whom="decider"), who="dora")
    story.progress()
    giver = "sun" if "sun" in people.people else "dora"
    story.do(c.ReassignDeal(owner="anna", reason="r"), who=giver)
    story.progress(day(11))
    return story


@pytest.mark.parametrize("command", DETOURS, ids=lambda command: command.act)
def test_who_owned_a_deal_and_worked_on_it_decides_nothing_on_it(command: c.Command) -> None:
    story = lent()
    reason = story.refused(command, who="dora")
    assert (reason.code, reason.data["owned"]) == (Code.OWN_DEAL, "dora")
    assert reason.data["who_may"] == ["mei", "sun"]


def test_an_amendment_of_who_owned_it_confirms_nothing() -> None:
    story = lent()
    story.do(c.AmendDeal(amount=money("10"), reason="r"), who="dora")
    assert len(story.deal.amounts) == 2


def test_who_owned_a_deal_and_did_nothing_with_it_decides() -> None:
    story = Story()
    story.do(c.OpenDeal(title="A", process=story.context(START).ref, owner="dora"), who="dora")
    story.do(c.ReassignDeal(owner="anna", reason="r"), who="sun")
    story.do(WAIVE, who="dora")


def test_who_opened_it_for_themselves_with_an_amount_decides_nothing_on_it() -> None:
    story = Story()
    opened = c.OpenDeal(title="A", process=story.context(START).ref, owner="dora", amount=money("900000"))
    story.do(opened, who="dora")
    story.do(c.ReassignDeal(owner="anna", reason="r"), who="sun")
    assert story.refused(WAIVE, who="dora").code is Code.OWN_DEAL
    story.do(WAIVE, who="sun")


@pytest.mark.parametrize("decide", [WAIVE, c.OverrideGate(reason="r"), c.WinDeal(reason="r")], ids=lambda one: one.act)
def test_who_decided_does_not_become_the_owner_by_their_own_act(decide: c.Command) -> None:
    story = Story().opened().moved_to("learn")
    story.do(decide, who="dora")
    reason = story.refused(c.ReassignDeal(owner="dora", reason="r"), who="dora")
    assert (reason.code, reason.data["who_may"]) == (Code.DECIDED_BEFORE, ["sun"])
    assert story.refused(c.ReassignDeal(owner="dora", reason="r"), who="mei").code is Code.DECIDED_BEFORE
    story.do(c.ReassignDeal(owner="dora", reason="r"), who="sun")


def test_a_seller_does_not_hold_a_deal_for_the_director() -> None:
    story = Story(people=directed(by_others=True))
    story.do(c.OpenDeal(title="A", process=story.context(START).ref, owner="dora"), who="dora")
    story.do(c.ReassignDeal(owner="anna", reason="r"), who="sun")
    story.do(WAIVE, who="dora")
    assert story.refused(c.ReassignDeal(owner="dora", reason="r"), who="dora").code is Code.DECIDED_BEFORE


def test_who_answered_an_escalation_before_does_not_take_the_deal_over_by_the_next_answer() -> None:
    story = Story().opened().moved_to("learn")
    story.progress(day(5))
    story.do(c.DecideEscalation(decision="extend", reason="r"), who="mei")
    story.progress(day(40))
    reason = story.refused(c.DecideEscalation(decision="reassign", to="mei", reason="r"), who="mei")
    assert reason.code is Code.DECIDED_BEFORE
    story.do(c.DecideEscalation(decision="reassign", to="dora", reason="r"), who="dora")


def test_in_the_next_opening_who_decided_may_own_it() -> None:
    story = Story().opened().moved_to("learn")
    story.do(WAIVE, who="dora")
    story.do(c.LoseDeal(reason="price"))
    story.do(c.ReopenDeal(reason="r"), who="dora")
    story.do(c.ReassignDeal(owner="dora", reason="r"), who="mei")


def test_a_leavers_deal_is_answered_for_by_those_who_never_worked_on_it() -> None:
    story = Story().opened()
    story.do(c.ReassignDeal(owner="mei", reason="anna leaves"), who="dora")
    story.do(story.evidence_of("talk", whom="decider"), who="mei")
    story.do(c.ReassignDeal(owner="bob", reason="hired"), who="dora")
    assert story.refused(WAIVE, who="mei").code is Code.OWN_DEAL
    story.do(WAIVE, who="dora")


def test_nobody_above_the_owner_lets_every_other_director_decide() -> None:
    for owner in ("sun", "lin"):
        story = Story()
        story.do(c.OpenDeal(title="A", process=story.context(START).ref, owner=owner), who=owner)
        others = [person for person in ("dora", "lin", "sun") if person != owner]
        assert story.refused(WAIVE, who=owner).data["who_may"] == others
        story.do(WAIVE, who=others[0])
        assert not story.last(e.NodeWaived).alone


def alone(command: c.Command, owner: str = "dora") -> Story:
    story = Story(people=directed(by_others=False))
    story.do(c.OpenDeal(title="A", process=story.context(START).ref, owner=owner, amount=money("1000")), who=owner)
    story.do(story.evidence_of("talk", whom="decider"), who=owner)
    story.progress()
    story.progress(day(11))
    story.do(command, who="dora")
    return story


@pytest.mark.parametrize("command", [*DETOURS[:3], DETOURS[4]], ids=lambda one: one.act)
def test_the_only_director_decides_on_their_own_deal_and_the_record_says_alone(command: c.Command) -> None:
    assert len([fact for fact in alone(command).facts(e.PersonsAct) if fact.alone]) == 1
    assert [fact for fact in alone(command, owner="anna").facts(e.PersonsAct) if fact.alone] == []


def test_the_only_directors_amendment_and_withdrawal_are_confirmed_alone() -> None:
    story = alone(c.AmendDeal(amount=money("10"), reason="r"))
    assert (story.deal.amounts, story.last(e.DealAmended).alone) == ((money("10"),), True)


def test_the_only_director_who_owned_the_sellers_deal_decides_alone() -> None:
    story = lent(directed(by_others=False))
    assert story.last(e.OwnerChanged).alone
    assert story.refused(WAIVE, who="anna").data["who_may"] == ["dora"]
    story.do(WAIVE, who="dora")
    assert story.last(e.NodeWaived).alone


def test_a_seller_in_a_firm_without_directors_decides_alone() -> None:
    story = Story(people=house(Person(id="anna", name="Anna"), Person(id="bob", name="Bob"))).opened()
    story.do(WAIVE)
    assert story.last(e.NodeWaived).alone


def test_a_withdrawal_that_waits_is_refused_by_confirming_the_evidence() -> None:
    story = Story().opened().moved_to("sign")
    story.evidence("payment", amount="100")
    story.do(c.DisputeEvidence(evidence_id="payment1", reason="r"))
    story.do(c.ConfirmEvidence(evidence_id="payment1", reason="it came"), who="mei")
    assert story.deal.evidence["payment1"].status is EvidenceStatus.VALID


def deputised() -> Organisation:
    anna = PEOPLE.people["anna"].model_copy(
        update={"deputies": (Deputy(id="zhou", since=START.date(), until=day(2).date()),)}
    )
    pay = Person(id="pay", name="Pay", role="integrator", kinds=("payment",))
    seen = Person(id="aud", name="Aud", role="auditor", manager="dora")
    return Organisation(people={**PEOPLE.people, "anna": anna, "pay": pay, "aud": seen})


def test_a_deputy_records_while_it_lasts_and_decides_nothing() -> None:
    story = Story(people=deputised()).opened()
    story.do(story.evidence_of("talk", whom="decider"), who="zhou", at=day(1))
    assert story.refused(c.MoveBack(to="meet", reason="r"), who="zhou").code is Code.NOT_PERMITTED
    story.do(c.WithdrawEvidence(evidence_id="talk1", reason="mine"), who="zhou")
    assert story.refused(story.evidence_of("need"), who="zhou", at=day(3)).code is Code.UNKNOWN_DEAL


def test_an_integrator_records_the_kinds_it_is_named_for_and_corrects_its_own() -> None:
    story = Story(people=deputised()).opened().moved_to("sign")
    story.do(story.evidence_of("payment", amount="100"), who="pay")
    story.do(c.CorrectEvidence(evidence_id="payment1", fields={"amount": "90"}, reason="r"), who="pay")
    assert story.last(e.EvidenceCorrected).confirmed
    assert story.refused(story.evidence_of("need"), who="pay").code is Code.UNKNOWN_DEAL
    assert story.refused(c.WithdrawEvidence(evidence_id="talk1", reason="r"), who="pay").code is Code.UNKNOWN_DEAL


def test_an_auditor_changes_nothing() -> None:
    story = Story(people=deputised()).opened()
    for command in (story.evidence_of("talk", whom="decider"), c.LoseDeal(reason="price"), WAIVE):
        assert story.refused(command, who="aud").code is Code.NOT_PERMITTED


def test_an_author_who_is_no_longer_the_owner_disputes_and_does_not_withdraw() -> None:
    story = Story().opened()
    story.evidence("talk", whom="decider")
    story.do(c.ReassignDeal(owner="bob", reason="r"), who="mei")
    for command in (
        c.WithdrawEvidence(evidence_id="talk1", reason="r"),
        c.CorrectEvidence(evidence_id="talk1", fields={"whom": "other"}, reason="r"),
    ):
        assert story.refused(command, who="anna").code is Code.UNKNOWN_DEAL
    story.do(c.DisputeEvidence(evidence_id="talk1", reason="not so"), who="anna")


def alone_with(command: c.Command, who: str, people: Organisation) -> None:
    """Said before it is done, and done once it is known."""
    story = Story(people=people).opened()
    story.progress(day(15))
    before = len(story.recorded)
    reason = story.refused(command, who=who)
    assert (reason.code, reason.data["owner"], len(story.recorded)) == (Code.DECIDES_ALONE, "dora", before)
    story.do(command.model_copy(update={"alone_is_known": True}), who=who)
    assert story.deal.owner == "dora"


@pytest.mark.parametrize(
    "command",
    [c.ReassignDeal(owner="dora", reason="r"), c.DecideEscalation(decision="reassign", to="dora", reason="r")],
    ids=lambda command: command.act,
)
def test_who_would_decide_alone_on_a_deal_gets_it_only_if_that_is_known(command: c.Command) -> None:
    only_director = house(
        Person(id="anna", name="Anna", manager="mei"),
        Person(id="mei", name="Mei", role="manager", manager="dora"),
        Person(id="dora", name="Dora", role="director"),
    )
    alone_with(command, "mei", only_director)


def test_where_somebody_else_may_decide_nothing_is_asked() -> None:
    others = house(
        Person(id="anna", name="Anna", manager="dora"),
        Person(id="dora", name="Dora", role="director"),
        Person(id="lin", name="Lin", role="director"),
    )
    story = Story(people=others).opened()
    story.do(c.ReassignDeal(owner="dora", reason="r"), who="dora")
    # Given away again, it is the giver who decides alone afterwards, and not whoever gets it.
    left = house(Person(id="anna", name="Anna", manager="dora"), Person(id="dora", name="Dora", role="director"))
    story = Story(people=left)
    story.do(c.OpenDeal(title="A", process=story.context(START).ref, owner="dora"), who="dora")
    story.do(story.evidence_of("talk", whom="decider"), who="dora")
    story.do(c.ReassignDeal(owner="anna", reason="r"), who="dora")


def test_what_another_system_says_of_the_owner_asks_nobody() -> None:
    story = Story(
        people=house(Person(id="anna", name="Anna"), Person(id="ops", name="Ops", role="operations"))
    ).opened()
    story.do(c.ReassignDeal(owner="ops", origin=e.Origin(source="crm", row="1", key="k")), who="ops")
    assert story.deal.owner == "ops"
