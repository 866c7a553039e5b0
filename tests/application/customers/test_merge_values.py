"""Values that may stand once, when two customers with many deals become one: the earlier counts, and none counts for a moment."""

import random
from collections.abc import Collection, Iterator, Sequence

import pytest

from dealflow.application.commands.answers import CustomerDone
from dealflow.application.customers.handle import CustomerParts, Customers
from dealflow.application.ports.external_ids import IdDifference
from dealflow.domain.customer import commands as cc
from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.track.unique_values import held_values
from dealflow.domain.values.refusal import CommandRefused
from tests.support.deals.house import OPERATIONS, House, no_digest, proof
from tests.support.deals.plain_process import with_receipts
from tests.support.stores.contested_store import OvertakenStore

ACME, EVIL = e.Customer(id="acme", name="Acme"), e.Customer(id="evil", name="Evil")
DEALS = ("d1", "d2", "d3", "d4", "d5")


class NoIds:
    """Nobody is known to another system."""

    def find(self, _system: e.ExternalSystem, _value: str) -> None:
        return None

    def differing(self, _ids: object, _unreadable: object) -> list[IdDifference]:
        return []

    def put_right(self, _differences: object) -> None:
        raise AssertionError


class NoKeys:
    """The store in memory encrypts nothing."""

    def rekey(self, _subject: str, _reason: str) -> str:
        raise AssertionError

    def destroy(self, _subject: str) -> int:
        raise AssertionError

    def any_alive(self, _subjects: Collection[str]) -> bool:
        raise AssertionError


def merge(of: House, was: str, into: str) -> CustomerDone:
    """Operations make one customer of two."""

    def deals_of(customer: str) -> list[str]:
        found = ((deal, of.deal(deal).customer) for deal in DEALS if of.store.load(f"deal/{deal}"))
        return [deal for deal, known in found if known is not None and known.id == customer]

    parts = CustomerParts(
        of.through,
        of.processes,
        lambda: of.people,
        of.clock,
        NoKeys(),
        NoIds(),
        no_digest,
        lambda: of.waker,
        deals_of,
        lambda: (),
    )
    command = cc.MergeCustomer(into=into, reason="the same")
    envelope = cc.CustomerEnvelope(command_id="merge-1", customer_id=was, who=OPERATIONS, commands=(command,))
    return Customers(parts).handle(envelope, lambda _: False)


def test_a_deal_that_is_opened_for_the_merged_one_meanwhile_goes_along() -> None:
    held: list[OvertakenStore] = []

    def seen(store: object) -> OvertakenStore:
        held.append(OvertakenStore(store))  # type: ignore[arg-type]  # the store of the house
        return held[0]

    of = House(definition=with_receipts("customer"), seen=seen)
    for deal, customer in (("d1", EVIL), ("d2", ACME)):
        of.do(of.opening().model_copy(update={"customer": customer}), deal=deal)
    of.do(paid("p2", "R-1"), deal="d2")

    def opened() -> None:
        of.do(of.opening().model_copy(update={"customer": EVIL}), deal="d3", deals=of.elsewhere)
        of.do(paid("p3", "R-1"), deal="d3", deals=of.elsewhere)

    held[0].at, held[0].act = 1, opened
    done = merge(of, "evil", "acme")
    assert done.deals == ("d1", "d3")
    assert [(one.evidence, one.counts) for one in done.values_twice] == [("p3", False)]
    _holds(of, ["d1", "d2", "d3"])


def house(**deals: e.Customer | None) -> House:
    of = House(definition=with_receipts("customer"))
    for deal, customer in deals.items():
        of.do(of.opening().model_copy(update={"customer": customer}), deal=deal)
    return of


def paid(evidence_id: str, receipt: str) -> c.RecordEvidence:
    return proof(evidence_id, "payment", amount="100", receipt=receipt)


def linked(customer: e.Customer) -> c.AmendDeal:
    return c.AmendDeal(customer=customer, reason="it is theirs")


def appended(of: House, before: dict[str, int]) -> list[e.Fact]:
    """What came into the deals since."""
    return [one.fact for deal in before for one in of.store.load(f"deal/{deal}")[before[deal] :]]


def test_what_was_twice_within_the_merged_one_does_not_count_for_a_moment() -> None:
    of = house(d1=EVIL, d2=None, d3=ACME)
    for number, deal in enumerate(("d1", "d2"), start=1):
        of.do(paid(f"p{number}", "R-1"), deal=deal)
        of.clock.passes(hours=1)
    of.do(linked(EVIL), deal="d2")
    of.do(paid("p3", "R-1"), deal="d3")
    before = {deal: len(of.store.load(f"deal/{deal}")) for deal in ("d1", "d2", "d3")}
    done = merge(of, "evil", "acme")
    assert [(one.deal, one.evidence, one.counts, one.first) for one in done.values_twice] == [("d3", "p3", False, "p1")]
    assert not [
        fact for fact in appended(of, before) if isinstance(fact, e.EvidenceCountsAgain | e.NodeReached | e.GateMet)
    ]
    assert [fact.customer for fact in appended(of, before) if isinstance(fact, e.DealAmended)] == [
        e.Customer(id="acme")
    ] * 2


@pytest.mark.parametrize("seed", range(20))
def test_after_a_merge_the_index_says_what_the_deals_hold_and_the_first_counts(seed: int) -> None:
    chance = random.Random(seed)
    of = house(**{deal: chance.choice([None, ACME, EVIL, EVIL]) for deal in DEALS})
    for act in _acts(chance):
        of.clock.passes(minutes=7)
        try:
            of.do(act, deal=chance.choice(DEALS), who=chance.choice(["anna", "dora"]))
        except CommandRefused:
            continue
    of.do(linked(EVIL), deal="d1") if of.deal("d1").customer is None else None
    before = {deal: len(of.store.load(f"deal/{deal}")) for deal in DEALS}
    try:
        done = merge(of, "evil", "acme")
    except CommandRefused:
        return  # nobody was evil
    assert all(not one.counts for one in done.values_twice)
    assert not [fact for fact in appended(of, before) if isinstance(fact, e.EvidenceCountsAgain)]
    reached = {piece for fact in appended(of, before) if isinstance(fact, e.NodeReached) for piece in fact.evidence}
    pieces = {piece.id: piece for deal in DEALS for piece in of.deal(deal).evidence.values()}
    assert not [piece for piece in reached if pieces[piece].set_aside], "reached on what counts no more"
    _holds(of)


def _holds(of: House, deals: Sequence[str] = DEALS) -> None:
    process = of.processes.get("small").definition
    known = [of.deal(deal) for deal in deals]
    assert all(deal.customer is None or deal.customer.id == "acme" for deal in known)
    held = [value for deal in known for value in held_values(deal, process)]
    keys = sorted({value.key for value in held})
    wanted = {key: tuple(sorted(value.holder for value in held if value.key == key)) for key in keys}
    assert {key: row.holders for key, row in of.store.held(keys).items()} == wanted
    for deal in known:
        for piece in deal.evidence.values():
            own = [value for value in held if (value.holder.deal, value.holder.evidence) == (deal.id, piece.id)]
            assert bool(piece.set_aside) == any(wanted[value.key][0] != value.holder for value in own)


def _acts(chance: random.Random) -> Iterator[c.Command]:
    for number in range(60):
        acts: list[c.Command] = [
            paid(f"p{number}", f"R-{chance.randrange(4)}"),
            linked(chance.choice([ACME, EVIL, EVIL])),
            c.WithdrawEvidence(evidence_id=f"p{chance.randrange(number + 1)}", reason="bounced"),
        ]
        yield chance.choice(acts)
