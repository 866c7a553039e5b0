"""A notice names the piece that counts in another deal to who sees that deal, by the people of when it goes out."""

import pytest

from dealflow.application.other_deals import OtherDeals
from dealflow.application.viewer import Viewer
from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.escalation.notice import CountedWith, Notice, NoticeSubject
from dealflow.domain.people.organisation import Organisation, Person
from tests.support.deals.house import House, proof
from tests.support.deals.plain_process import with_receipts

ACME = e.Customer(id="acme")
PEOPLE = Organisation(
    people={
        one.id: one
        for one in (
            Person(id="anna", name="Anna", role="seller", manager="bo"),
            Person(id="ben", name="Ben", role="seller", manager="bo"),
            Person(id="bo", name="Bo", role="director"),
            Person(id="ops", name="Ops", role="operations"),
        )
    },
    declared=True,
)


def lost(of: House) -> Notice:
    """What is told of ben's deal, whose piece counts no more."""
    subject = NoticeSubject(
        owner="ben",
        stage="close",
        clock="proof_lost",
        limit="P2D",
        due_at=of.clock.at,
        counted_with=(CountedWith(evidence="p2", first="p1", deal="d1"),),
    )
    return Notice(
        key="k",
        recipient="ben",
        kind="proof_lost",
        deal_id="d2",
        title="A sale",
        subject=subject,
        created_at=of.clock.at,
    )


@pytest.mark.parametrize(("reader", "first"), [("ben", ""), ("bo", "p1"), ("anna", "p1")])
def test_the_piece_of_another_deal_is_named_to_who_sees_that_deal(reader: str, first: str) -> None:
    of = House(people=PEOPLE, definition=with_receipts())
    for deal, owner in (("d1", "anna"), ("d2", "ben")):
        of.do(of.opening(owner).model_copy(update={"customer": ACME if deal == "d1" else None}), deal=deal, who=owner)
    of.do(proof("p1", "payment", amount="100", receipt="R-1"), deal="d1", who="anna")
    of.do(proof("p2", "payment", amount="100", receipt="R-1"), deal="d2", who="ben")
    of.do(c.AmendDeal(customer=ACME, reason="theirs"), deal="d2", who="ben")
    others = OtherDeals(Viewer(reader, PEOPLE, of.clock.at), of.store)
    (told,) = others.notice(lost(of)).subject.counted_with
    assert (told.evidence, told.first) == ("p2", first)
    aside = [one.fact for one in others.recorded(of.store.load("deal/d2")) if isinstance(one.fact, e.EvidenceSetAside)]
    assert [(fact.first, fact.first_deal) for fact in aside] == [(first, "d1" if first else "")]
