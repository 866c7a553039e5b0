"""Who may do what: every command by everybody against one deal, as a table that stands in docs/rights.md."""

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import cast, get_args

import pytest

from dealflow.domain.deal import commands as c
from dealflow.domain.decide.permission import must_be_permitted_in_store, sees_deal
from dealflow.domain.people.actor import ByToken
from dealflow.domain.people.organisation import Deputy, Organisation, Person
from dealflow.domain.people.rights import DEAL_ACTS, READING, STORE_ACTS, DealAct, RightsAct, StoreAct
from dealflow.domain.values.refusal import Code, CommandRefused
from tests.support.deals.house import House, proof
from tests.support.deals.plain_process import process_of
from tests.support.deals.stories import money
from tests.support.paths import ROOT

PAGE = ROOT / "docs" / "rights.md"
# The deal is Anna's. Old owned it before and worked on it; Lin directs other people; the last ones act for others.
HOUSE = Organisation(
    people={
        person.id: person
        for person in (
            Person(id="anna", name="Anna", manager="mei", deputies=(Deputy(id="dan"),)),
            Person(id="mei", name="Mei", role="manager", manager="dora"),
            Person(id="dora", name="Dora", role="director"),
            Person(id="old", name="Old", role="manager", manager="dora"),
            Person(id="dan", name="Dan", manager="lin"),
            Person(id="ben", name="Ben", manager="mei"),
            Person(id="lin", name="Lin", role="director"),
            Person(id="pay", name="Pay", role="integrator", kinds=("talk",)),
            Person(id="ops", name="Ops", role="operations", acts_for=("dora",)),
            Person(id="aud", name="Aud", role="auditor"),
            Person(id="sec", name="Sec", acts_for=("anna",)),
        )
    }
)
WHO: dict[str, c.Who] = {
    "owner": c.Who(actor="anna"),
    "manager above": c.Who(actor="mei"),
    "director above": c.Who(actor="dora"),
    "former owner": c.Who(actor="old"),
    "deputy": c.Who(actor="dan"),
    "colleague": c.Who(actor="ben"),
    "other director": c.Who(actor="lin"),
    "integrator": c.Who(actor="pay"),
    "operations": c.Who(actor="ops"),
    "auditor": c.Who(actor="aud"),
    "for the owner": c.Who(actor="sec", on_behalf_of="anna"),
    "for the director": c.Who(actor="ops", on_behalf_of="dora"),
    "for whom not let": c.Who(actor="ben", on_behalf_of="dora"),
    "not in the file": c.Who(actor="eve"),
}
ASKED: dict[DealAct, c.Command] = {
    "record_evidence": proof("new", "talk", whom="decider"),
    "record_milestone": c.RecordMilestone(milestone="visited"),
    "plan_step": c.PlanStep(step_id="s2", what="call", by=House().clock.at + timedelta(days=2)),
    "complete_step": c.CompleteStep(step_id="s1"),
    "record_activity": c.RecordActivity(what="called"),
    "withdraw_evidence": c.WithdrawEvidence(evidence_id="talk1", reason="r"),
    "correct_evidence": c.CorrectEvidence(evidence_id="talk1", fields={"whom": "other"}, reason="r"),
    "dispute_evidence": c.DisputeEvidence(evidence_id="talk1", reason="r"),
    "withdraw_milestone": c.WithdrawMilestone(milestone="visited", reason="r"),
    "amend": c.AmendDeal(title="B", reason="r"),
    "back": c.MoveBack(to="meet", reason="r"),
    "close": c.CloseDeal(reason="r"),
    "lose": c.LoseDeal(reason="price"),
    "cancel": c.CancelDeal(reason="price"),
    "reassign": c.ReassignDeal(owner="ben", reason="r"),
    "reopen": c.ReopenDeal(reason="r"),
    "waive": c.WaiveNode(node="need_confirmed", reason="r"),
    "override": c.OverrideGate(reason="r"),
    "win": c.WinDeal(reason="r"),
    "confirm": c.ConfirmEvidence(evidence_id="talk1", reason="r"),
    "decide": c.DecideEscalation(decision="extend", reason="r"),
}
_REFUSED = {
    Code.NOT_PERMITTED: "no",
    Code.OWN_DEAL: "no",
    Code.UNKNOWN_DEAL: "not there",
    Code.UNKNOWN_PERSON: "nobody",
    Code.TOKEN_LIMITED: "limited",
}


def house_with_the_deal(people: Organisation = HOUSE) -> House:
    """Old opened it and talked, then it was given to Anna."""
    house = House(people)
    opening = house.opening("old")
    house.do(opening, who="old")
    house.do(proof("talk1", "talk", whom="decider"), who="old")
    house.do(c.PlanStep(step_id="s1", what="call", by=house.clock.at + timedelta(days=1)), who="old")
    house.do(c.ReassignDeal(owner="anna", reason="r"), who="dora")
    return house


def asked(house: House, who: c.Who, *commands: c.Command, deal: str = "d1") -> str:
    """What comes of it: `yes` also where the command is refused for something else than who asks."""
    try:
        house.do(*commands, deal=deal, who=who.actor, on_behalf_of=who.on_behalf_of, by=who.by)
    except CommandRefused as refused:
        reason = refused.reasons[0]
        if reason.code is Code.TOKEN_LIMITED:
            assert reason.data["allows"]
        elif reason.code in _REFUSED and reason.code is not Code.UNKNOWN_PERSON and deal == "d1":
            _names_who_may(reason.code, reason.data)
        return _REFUSED.get(reason.code, "yes")
    return "yes"


def _names_who_may(code: Code, data: dict[str, object]) -> None:
    if code is Code.UNKNOWN_DEAL:
        assert set(data) == {"given"}
    else:
        assert data["who_may"]


def may_open(who: c.Who) -> str:
    house = House(HOUSE)
    return asked(house, who, house.opening("anna"), deal="d2")


def in_store(act: StoreAct, who: c.Who) -> str:
    if act == "publish":
        house = House(HOUSE)
        return _refusal(lambda: house.processes.publish(process_of(), who=who, command_id="p"))
    return _refusal(lambda: must_be_permitted_in_store(act, who, HOUSE))


def _refusal(do: Callable[[], object]) -> str:
    try:
        do()
    except CommandRefused as refused:
        return _REFUSED[refused.reasons[0].code]
    return "yes"


def sees(who: c.Who) -> str:
    house = house_with_the_deal()
    if who.actor not in HOUSE.people or (who.on_behalf_of and not HOUSE.may_act_for(who.actor, who.on_behalf_of)):
        return "nobody" if who.actor not in HOUSE.people else "no"
    return "yes" if sees_deal(who.person, house.deal(), HOUSE, house.clock.at) else "not there"


@cache
def matrix() -> dict[str, list[str]]:
    """For each act what comes of it, in the order of `WHO`."""
    cells: dict[str, list[str]] = {"see": [sees(who) for who in WHO.values()]}
    cells["open"] = [may_open(who) for who in WHO.values()]
    for act, command in ASKED.items():
        cells[act] = [asked(house_with_the_deal(), who, command) for who in WHO.values()]
    for store_act in STORE_ACTS:
        cells[store_act] = [in_store(store_act, who) for who in WHO.values()]
    return cells


def table() -> str:
    head = ["", *WHO]
    rows = [[f"`{act}`", *cells] for act, cells in matrix().items()]
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


def test_every_act_of_the_table_is_walked() -> None:
    assert set(matrix()) == {"see", *DEAL_ACTS, *STORE_ACTS}
    of_sources = {c.OpenDeal, c.ClaimStage, c.ClaimOutcome, c.ClaimOpen, c.ClearFields}
    walked = {type(command) for command in ASKED.values()} | of_sources
    assert walked == set(get_args(get_args(c.Command)[0]))


def test_the_table_stands_in_the_docs() -> None:
    assert table() in PAGE.read_text(encoding="utf-8"), "\n" + table()


def cell(act: RightsAct | str, who: str) -> str:
    return matrix()[act][list(WHO).index(who)]


@pytest.mark.parametrize("who", WHO)
def test_a_token_that_is_good_for_some_acts_gives_those_and_no_right(who: str) -> None:
    for act, others in ((act, [each for each in (*DEAL_ACTS, *STORE_ACTS) if each != act]) for act in LIMITED):
        assert by_token(who, act, *others[:3]) == cell(act, who), "what the person may not do, no token gives"
        without = by_token(who, act, only=tuple(others))
        assert without in (
            {"nobody"} if who == "not in the file" else {"no"} if who == "for whom not let" else {"limited"}
        )


def by_token(who: str, act: RightsAct, *besides: RightsAct, only: tuple[RightsAct, ...] = ()) -> str:
    """What comes of the act by somebody who came by a token for it, or for `only`."""
    given = WHO[who].model_copy(update={"by": ByToken(id="7k2m9q4x", only=only or (act, *besides))})
    if act in STORE_ACTS:
        return in_store(act, given)
    if act == "open":
        return may_open(given)
    return asked(house_with_the_deal(), given, ASKED[cast("DealAct", act)])


LIMITED: tuple[RightsAct, ...] = (
    "open", "record_evidence", "amend", "lose", "reassign", "waive", "confirm", "decide", "publish", "import", "erase", "token",
)  # fmt: skip


def test_what_a_limited_token_changes_waits_for_somebody_above_where_it_is_not_good_to_confirm() -> None:
    house = house_with_the_deal()
    only_amends = ByToken(id="7k2m9q4x", only=("amend",))
    assert house.do(c.AmendDeal(amount=money("5000"), reason="r"), who="mei", by=only_amends).notes == ("amount_waits",)
    assert house.do(c.AmendDeal(amount=money("6000"), reason="r"), who="mei").notes == ()


@pytest.mark.parametrize("act", [*DEAL_ACTS, *STORE_ACTS])
def test_an_auditor_and_who_may_not_act_so_change_nothing(act: RightsAct) -> None:
    reads = "yes" if act in READING else "no"
    assert (cell(act, "auditor"), cell(act, "not in the file")) == (reads, "nobody")
    assert cell(act, "for whom not let") == "no"


@pytest.mark.parametrize("act", ["waive", "override", "win", "confirm", "decide"])
def test_who_counts_as_owner_passes_no_judgement_and_who_stands_above_does(act: str) -> None:
    for who in ("owner", "former owner", "for the owner"):
        assert cell(act, who) != "yes"
    for who in ("manager above", "director above", "for the director"):
        assert cell(act, who) == "yes"


@pytest.mark.parametrize("command", ASKED.values(), ids=lambda one: one.act)
def test_a_deal_that_is_not_theirs_to_see_is_answered_as_one_that_is_not_there(command: c.Command) -> None:
    if command.act == "record_evidence":
        return
    there, nowhere = house_with_the_deal(), House(HOUSE)
    answers = [house.refused(command, deal="d1", who="ben") for house in (there, nowhere)]
    assert answers[0] == answers[1]
