"""A value that may stand once, over all deals: refused where it is recorded twice, counted once where a link made it two."""

import random
from collections.abc import Iterator

import pytest

from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.evolve import fold
from dealflow.domain.deal.state import NodeStatus
from dealflow.domain.track.unique_values import held_values
from dealflow.domain.values.refusal import Code, CommandRefused
from tests.support.deals.house import House, proof
from tests.support.deals.plain_process import with_receipts
from tests.support.stores.contested_store import OvertakenStore

ACME, EVIL = e.Customer(id="acme"), e.Customer(id="evil")


def house(unique: str = "customer", **deals: e.Customer | None) -> House:
    built = House(definition=with_receipts(unique))
    for deal, customer in deals.items():
        built.do(built.opening().model_copy(update={"customer": customer}), deal=deal)
    return built


def paid(evidence_id: str, receipt: str, amount: str = "100") -> c.RecordEvidence:
    return proof(evidence_id, "payment", amount=amount, receipt=receipt)


def linked(customer: e.Customer) -> c.AmendDeal:
    return c.AmendDeal(customer=customer, reason="it is theirs")


def is_paid(of: House, deal: str) -> bool:
    return of.deal(deal).node("deposit_paid").status is NodeStatus.REACHED


# A hyphen, a non-breaking one, a figure dash, an en dash, an em dash, a minus, and those of full and small width.
DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2212\uff0d\ufe63"


@pytest.mark.parametrize("written", [" r-1 ", "\uff32-1", "R\u200b-1", *(f"R{dash}1" for dash in DASHES)])
def test_a_second_deal_of_the_customer_is_refused_the_value_and_hears_of_the_first(written: str) -> None:
    of = house(d1=ACME, d2=ACME)
    of.do(paid("p1", "R-1"), deal="d1")
    reason = of.refused(paid("p2", written), deal="d2")
    assert (reason.code, reason.place) == (Code.VALUE_TAKEN, "payment.receipt")
    assert (reason.data["first"], reason.data["deal"]) == ("p1", "d1")
    assert not of.deal("d2").evidence


@pytest.mark.parametrize(
    ("unique", "customers", "taken"),
    [
        ("customer", (ACME, EVIL), False),
        ("customer", (ACME, None), False),
        ("customer", (None, None), False),
        ("everywhere", (ACME, EVIL), True),
        ("everywhere", (None, None), True),
    ],
)
def test_how_far_a_value_is_one(unique: str, customers: tuple[e.Customer | None, ...], taken: bool) -> None:
    of = house(unique, d1=customers[0], d2=customers[1])
    of.do(paid("p1", "R-1"), deal="d1")
    if taken:
        assert of.refused(paid("p2", "R-1"), deal="d2").code is Code.VALUE_TAKEN
    else:
        of.do(paid("p2", "R-1"), deal="d2")


def test_a_disputed_piece_holds_its_value_a_withdrawn_or_corrected_one_frees_it() -> None:
    of = house(d1=ACME, d2=ACME)
    of.do(paid("p1", "R-1"), deal="d1")
    of.do(c.DisputeEvidence(evidence_id="p1", reason="denied"), deal="d1")
    assert of.refused(paid("p2", "R-1"), deal="d2").code is Code.VALUE_TAKEN
    of.do(c.WithdrawEvidence(evidence_id="p1", reason="bounced"), deal="d1")
    of.do(paid("p2", "R-1"), deal="d2")
    change = c.CorrectEvidence(evidence_id="p2", fields={"receipt": "R-7"}, reason="misread")
    of.do(change, deal="d2", who="dora")
    of.do(paid("p3", "R-1"), deal="d1")
    assert of.refused(change.model_copy(update={"fields": {"receipt": "R-1"}}), deal="d2", who="dora").code is (
        Code.VALUE_TAKEN
    )


def test_a_link_is_never_refused_the_later_piece_is_set_aside_and_said() -> None:
    of = house(d1=None, d2=ACME)
    of.do(paid("p1", "R-1"), deal="d1")
    of.clock.passes(hours=1)
    of.do(paid("p2", "R-1"), deal="d2")
    assert is_paid(of, "d1") and is_paid(of, "d2")
    answer = of.do(linked(ACME), deal="d1")
    (twice,) = answer.values_twice
    assert (twice.deal, twice.evidence, twice.counts, twice.first_deal, twice.first) == ("d2", "p2", False, "d1", "p1")
    assert is_paid(of, "d1") and not is_paid(of, "d2")
    reversal = of.store.load("deal/d2")[-1].stamp
    assert (reversal.cause, reversal.correlation_id) == ("value:d1", answer.command_id)


def test_a_link_of_the_later_deal_sets_its_own_piece_aside() -> None:
    of = house(d1=ACME, d2=None)
    of.do(paid("p1", "R-1"), deal="d1")
    of.clock.passes(hours=1)
    of.do(paid("p2", "R-1"), deal="d2")
    answer = of.do(linked(ACME), deal="d2")
    assert [one.evidence for one in answer.values_twice] == ["p2"]
    assert is_paid(of, "d1") and not is_paid(of, "d2")
    assert of.deal("d2").lost or of.deal("d2").node("deposit_paid").status is NodeStatus.OPEN


@pytest.mark.parametrize("freed_by", ["withdrawal", "link"])
def test_the_second_counts_again_when_the_first_holds_the_value_no_more(freed_by: str) -> None:
    of = house(d1=ACME, d2=None)
    of.do(paid("p1", "R-1"), deal="d1")
    of.clock.passes(hours=1)
    of.do(paid("p2", "R-1"), deal="d2")
    of.do(linked(ACME), deal="d2")
    of.clock.passes(hours=1)
    act = c.WithdrawEvidence(evidence_id="p1", reason="bounced") if freed_by == "withdrawal" else linked(EVIL)
    answer = of.do(act, deal="d1", who="dora")
    assert [(one.deal, one.evidence, one.counts) for one in answer.values_twice] == [("d2", "p2", True)]
    assert is_paid(of, "d2")
    since = of.deal("d2").node("deposit_paid").changes[-1][0]
    assert since == of.clock.now(), "it was open in between"


def test_a_piece_set_aside_whose_value_is_corrected_counts() -> None:
    of = house(d1=ACME, d2=None)
    of.do(paid("p1", "R-1"), deal="d1")
    of.clock.passes(hours=1)
    of.do(paid("p2", "R-1"), deal="d2")
    of.do(linked(ACME), deal="d2")
    of.do(c.CorrectEvidence(evidence_id="p2", fields={"receipt": "R-2"}, reason="misread"), deal="d2", who="dora")
    assert not of.deal("d2").evidence["p2"].set_aside
    assert is_paid(of, "d2")


@pytest.mark.parametrize("freed_by", ["withdrawal", "correction", "its own link"])
def test_a_closed_won_deal_has_its_proof_back_at_once(freed_by: str) -> None:
    of = house(d1=ACME, d2=None)
    of.do(paid("p1", "R-1"), deal="d1")
    of.clock.passes(hours=1)
    of.do(paid("p2", "R-1"), deal="d2")
    of.do(c.WinDeal(reason="signed at the fair"), deal="d2", who="dora")
    of.do(c.CloseDeal(reason="all is done"), deal="d2", who="dora")
    of.do(linked(ACME), deal="d2", who="dora")
    assert "deposit_paid" in of.deal("d2").lost
    of.clock.passes(hours=1)
    match freed_by:
        case "withdrawal":
            of.do(c.WithdrawEvidence(evidence_id="p1", reason="bounced"), deal="d1", who="dora")
        case "correction":
            change = c.CorrectEvidence(evidence_id="p1", fields={"receipt": "R-9"}, reason="misread")
            of.do(change, deal="d1", who="dora")
        case _:
            of.do(linked(EVIL), deal="d2", who="dora")
    assert is_paid(of, "d2") and not of.deal("d2").lost


def test_an_owner_s_change_of_the_customer_frees_no_value() -> None:
    of = house(d1=ACME, d2=ACME, d3=None)
    of.do(paid("p1", "R-1"), deal="d1")
    of.do(linked(EVIL), deal="d2")
    assert of.refused(paid("p2", "R-1"), deal="d2").code is Code.VALUE_TAKEN
    of.clock.passes(hours=1)
    of.do(paid("p3", "R-1"), deal="d3")
    of.do(linked(ACME), deal="d3")
    answer = of.do(linked(EVIL), deal="d3")
    assert not answer.values_twice and of.deal("d3").evidence["p3"].set_aside and not is_paid(of, "d3")
    assert of.refused(paid("p4", "R-1"), deal="d3").code is Code.VALUE_TAKEN
    assert of.refused(c.ConfirmEvidence(evidence_id="p3", reason="seen"), deal="d3", who="dora").code is (
        Code.NOTHING_TO_CONFIRM
    )
    of.do(linked(e.Customer(id="third")), deal="d3", who="dora")
    assert is_paid(of, "d3") and of.deal("d3").former_customers == ()


def test_of_three_with_one_value_the_next_counts_when_the_first_goes() -> None:
    of = house(d1=ACME, d2=None, d3=None)
    for number, deal in enumerate(("d1", "d2", "d3"), start=1):
        of.do(paid(f"p{number}", "R-1"), deal=deal)
        of.clock.passes(hours=1)
    for deal in ("d2", "d3"):
        of.do(linked(ACME), deal=deal)
    assert [is_paid(of, deal) for deal in ("d1", "d2", "d3")] == [True, False, False]
    of.do(c.WithdrawEvidence(evidence_id="p1", reason="bounced"), deal="d1")
    assert [is_paid(of, deal) for deal in ("d1", "d2", "d3")] == [False, True, False]
    assert of.deal("d3").evidence["p3"].set_aside[0].first_deal == "d2"


def test_of_two_at_the_same_time_one_is_refused() -> None:
    held: list[OvertakenStore] = []

    def seen(store: object) -> OvertakenStore:
        held.append(OvertakenStore(store))  # type: ignore[arg-type]  # the store of the house
        return held[0]

    of = House(definition=with_receipts(), seen=seen)
    for deal in ("d1", "d2"):
        of.do(of.opening().model_copy(update={"customer": ACME}), deal=deal)
    held[0].at, held[0].act = 1, lambda: of.do(paid("p2", "R-1"), deal="d2", deals=of.elsewhere)
    reason = of.refused(paid("p1", "R-1"), deal="d1")
    assert (reason.code, reason.data["deal"]) == (Code.VALUE_TAKEN, "d2")


def test_nothing_is_asked_of_the_store_where_no_value_changes_hands(monkeypatch: pytest.MonkeyPatch) -> None:
    of = house(d1=ACME)
    of.do(paid("p1", "R-1"), deal="d1")
    monkeypatch.setattr(of.store, "held", lambda _: pytest.fail("asked"))
    of.do(proof("t1", "talk", whom="decider"), deal="d1")
    of.do(proof("p2", "offer", amount="1000"), deal="d1")
    of.do(c.AmendDeal(title="Another", reason="so it is called"), deal="d1")
    of.do(c.CorrectEvidence(evidence_id="p1", fields={"amount": "120"}, reason="misread"), deal="d1", who="dora")


@pytest.mark.parametrize("seed", range(20))
def test_the_index_says_what_the_deals_hold_and_of_equal_values_the_first_counts(seed: int) -> None:
    chance = random.Random(seed)
    of = house(chance.choice(["customer", "everywhere"]), d1=None, d2=ACME, d3=EVIL)
    for act in _acts(chance):
        of.clock.passes(minutes=7)
        try:
            of.do(act, deal=chance.choice(["d1", "d2", "d3"]), who=chance.choice(["anna", "dora"]))
        except CommandRefused:
            continue
    process = of.processes.get("small").definition
    deals = [fold(of.store.load(stream)) for stream in of.store.streams("deal/")]
    held = [value for deal in deals for value in held_values(deal, process)]
    keys = sorted({value.key for value in held})
    wanted = {key: tuple(sorted(value.holder for value in held if value.key == key)) for key in keys}
    assert {key: row.holders for key, row in of.store.held(keys).items()} == wanted
    for deal in filter(None, deals):
        for piece in deal.evidence.values():
            own = [value for value in held if (value.holder.deal, value.holder.evidence) == (deal.id, piece.id)]
            assert bool(piece.set_aside) == any(wanted[value.key][0] != value.holder for value in own)


def _acts(chance: random.Random) -> Iterator[c.Command]:
    for number in range(60):
        earlier = f"p{chance.randrange(number + 1)}"
        acts: list[c.Command] = [
            paid(f"p{number}", f"R-{chance.randrange(3)}"),
            linked(chance.choice([ACME, EVIL])),
            c.WithdrawEvidence(evidence_id=earlier, reason="bounced"),
            c.DisputeEvidence(evidence_id=earlier, reason="denied"),
            c.ConfirmEvidence(evidence_id=earlier, reason="seen"),
            c.CorrectEvidence(evidence_id=earlier, fields={"receipt": f"R-{chance.randrange(3)}"}, reason="misread"),
        ]
        yield chance.choice(acts)
