"""The board answers what the folded deals say, at once after every command."""

import pytest

from dealflow.application.reading.board import DealQuery
from dealflow.application.reading.inventory import take_inventory
from dealflow.application.reading.stalls import Bearer, StallQuery, stall_row
from dealflow.application.viewer import Viewer
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.events import Customer
from dealflow.domain.deal.evolve import fold
from dealflow.domain.track.gap import tracks
from dealflow.domain.values.money import Money
from tests.adapters.views.conftest import Office
from tests.support.deals.told_deals import PEOPLE, day

A, B = "a/1/2/stage_age/1", "b/1/1/stage_age/1"
CONTACT = {"channel": "wechat", "phone": "13800000000", "added_on": "2026-01-06"}


def contact(evidence_id: str = "e1") -> c.RecordEvidence:
    return c.RecordEvidence(evidence_id=evidence_id, kind="messenger_contact", fields=CONTACT)


@pytest.fixture
def busy(office: Office) -> Office:
    """Four deals: one further on and stalled, one at the start and stalled, one lost, one won without proof and reopened."""
    for deal_id, owner in (("a", "li"), ("b", "wang"), ("c", "li"), ("d", "li")):
        office.opens(deal_id, owner)
    customer = Customer(id="acme", name="ACME 有限公司")
    office.does(
        "a", c.AmendDeal(customer=customer, amount=Money(minor=10_000_00, currency="CNY"), reason="it has changed")
    )
    office.does(
        "d", c.AmendDeal(customer=customer, amount=Money(minor=2_500_50, currency="CNY"), reason="it has changed")
    )
    office.does("a", contact(), at=day(6))
    office.looks("a", day(6, 3))
    office.does("c", c.LoseDeal(reason="price"), at=day(7))
    office.does("d", c.WinDeal(reason="signed at the fair"), who="chen")
    office.does("a", c.RecordMilestone(milestone="quote_sent", fields={"amount": "5000", "on": "2026-01-07"}))
    office.looks("b", day(13))
    office.looks("a", day(21))
    office.does("b", c.DecideEscalation(decision="extend", reason="they travel"), who="boss", at=day(22))
    return office


def ids(office: Office, **wanted: object) -> list[str]:
    return [row.deal_id for row in office.board.deals(DealQuery(**wanted))]


def test_a_query_sees_what_was_just_appended(office: Office) -> None:
    assert ids(office) == []
    office.opens("a")
    assert ids(office) == ["a"]
    office.does("a", c.AmendDeal(title="Chairs", reason="it has changed"))
    (row,) = office.board.deals(DealQuery())
    assert (row.title, row.version) == ("Chairs", 3)


def test_a_row_shows_both_tracks_and_no_name_of_the_customer(busy: Office) -> None:
    row = busy.board.deals(DealQuery())[0]
    assert (row.process, row.stage, row.stage_title["zh"], row.position) == (
        "standard-sale@1",
        "meeting",
        "见面约访",
        "contact_added",
    )
    assert (row.standing, row.customer_stage, row.gap) == ("negotiate", "meeting", 3)
    assert (row.standing_title["zh"], row.customer_stage_title["zh"]) == ("竞品对比 价格谈判", "见面约访")
    deal = fold(busy.parts.store.load("deal/a"))
    assert deal is not None
    both = tracks(deal, busy.definition(deal.process))
    assert (row.position_since, row.gap_since) == (both.position_since, both.gap_since)
    assert row.position_since == deal.evidence["e1"].observed_at
    assert (row.owner, row.director, row.customer_id) == ("li", "chen", "acme")
    assert row.amount == Money(minor=10_000_00, currency="CNY")
    assert (row.open_stalls, row.stalled_since, row.escalated) == (1, day(20, 3), True)
    assert "ACME" not in row.model_dump_json()
    files = b"".join(path.read_bytes() for path in busy.home.glob("views.sqlite*"))
    assert "有限公司".encode() not in files


def lose_a_proof(office: Office) -> None:
    """Of two deals in their second stage one is won there; then both lose the proof of the first."""
    for deal_id in ("x", "y"):
        office.opens(deal_id)
        office.does(deal_id, contact())
        office.does(deal_id, c.AmendDeal(amount=Money(minor=1_000_00, currency="CNY"), reason="first said"))
        office.looks(deal_id, office.clock.at)
    for node in ("decider_met", "need_confirmed", "details_asked", "price_haggled", "deposit_paid"):
        office.does("y", c.WaiveNode(node=node, reason="known for years"), who="chen")
    office.looks("y", office.clock.at)
    for deal_id in ("x", "y"):
        office.does(deal_id, c.WithdrawEvidence(evidence_id="e1", reason="the account is somebody else's"))


def test_lost_proofs_are_listed_and_counted_as_in_the_folded_deals(office: Office) -> None:
    lose_a_proof(office)
    office.opens("z")
    rows = office.board.deals(DealQuery(proof_lost=True))
    assert [(row.deal_id, row.proof_lost, row.outcome.value) for row in rows] == [
        ("x", ("contact_added",), "open"), ("y", ("contact_added",), "won"),
    ]  # fmt: skip
    assert rows[0].proof_lost_since == office.reading.read("x").deal.lost["contact_added"].since
    assert ids(office, proof_lost=False) == ["z"] and office.board.count_deals(DealQuery(proof_lost=True)) == 2
    folded = take_inventory(office.parts.store, office.definition, Viewer(None, PEOPLE, office.clock.now()))
    board = office.board.board_inventory()
    assert (board.proof_lost, board.proof_lost_after_win) == (folded.proof_lost, folded.proof_lost_after_win)
    assert (board.proof_lost.deals, board.proof_lost_after_win.by_node) == (1, {"contact_added": 1})
    assert board.proof_lost_after_win.amount == {"CNY": 1_000}
    office.does("y", c.CloseDeal(reason="others deliver"))
    assert ids(office, proof_lost=True) == ["x", "y"]
    office.does("x", c.LoseDeal(reason="price"))
    assert ids(office, proof_lost=True) == ["y"]
    assert office.board.board_inventory().proof_lost.deals == 0


def test_the_stall_of_a_lost_proof_is_listed_with_its_node(office: Office) -> None:
    lose_a_proof(office)
    office.looks("x", day(12))
    [row] = (row for row in office.board.stalls(StallQuery(deal_id="x")) if row.clock == "proof_lost")
    assert (row.stall_id, row.node and row.node.id) == ("x/1/contact_added/proof_lost/1", "contact_added")
    assert row.told == ("li", "chen")


def test_the_boards_inventory_is_the_folded_one(busy: Office) -> None:
    folded = take_inventory(busy.parts.store, busy.definition, Viewer(None, PEOPLE, busy.clock.now()))
    assert busy.board.board_inventory() == folded
    assert (folded.stalled, folded.lost, folded.won, folded.claims_not_applied) == (1, 1, 1, 0)
    assert folded.won_amount and folded.won_unproven and folded.ever_reached == {"contact_added": 1}


def test_what_was_amended_since_a_win_stands_apart_on_the_board_as_well(busy: Office) -> None:
    order = Money(minor=9_000_00, currency="USD")
    busy.does("d", c.AmendDeal(amount=order, reason="they pay in dollars"), who="chen")
    found = busy.board.board_inventory()
    assert found == take_inventory(busy.parts.store, busy.definition, Viewer(None, PEOPLE, busy.clock.now()))
    assert float(found.won_amount["CNY"]) == 2_500.5
    assert {code: float(amount) for code, amount in found.amended_since_won.items()} == {"CNY": -2_500.5, "USD": 9_000}


def test_the_gaps_of_the_board_are_those_of_the_folded_deals(busy: Office) -> None:
    found = busy.board.gaps(DealQuery(ever=True))
    for deal_id in ("a", "b", "c", "d"):
        deal = fold(busy.parts.store.load(f"deal/{deal_id}"))
        assert deal is not None
        spans = tracks(deal, busy.definition(deal.process)).gaps
        assert [(row.gap, row.since, row.until) for row in found if row.deal_id == deal_id] == [
            (span.gap, span.since, span.until) for span in spans
        ]
    assert [(row.deal_id, row.gap, row.gap_now, row.until) for row in found] == [("a", 3, 3, None), ("d", 6, 6, None)]
    assert found[0].seconds == (busy.clock.now() - found[0].since).total_seconds()


def test_all_gaps_of_a_deal_are_on_one_page(busy: Office) -> None:
    busy.does("a", c.WithdrawMilestone(milestone="quote_sent", reason="it was d"), at=day(23))
    busy.does("a", c.RecordMilestone(milestone="need_written_up", fields={"on": "2026-01-23"}), at=day(23))
    busy.does("a", c.MoveBack(to="first_contact", reason="another person"), at=day(24))
    busy.does("a", c.RecordMilestone(milestone="appointment_made", fields={"on": "2026-01-25"}), at=day(25))
    page = busy.board.gaps(DealQuery(ever=True, limit=1))
    assert [(row.deal_id, row.gap, row.since, row.until) for row in page] == [
        ("a", 1, day(23), day(24)),
        ("a", 1, day(25), None),
    ]
    assert [row.deal_id for row in busy.board.gaps(DealQuery(ever=True, limit=1, after="a"))] == ["d"]
    assert busy.board.count_deals(DealQuery(ever=True)) == 2


def test_an_empty_boards_inventory_is_the_folded_one(office: Office) -> None:
    folded = take_inventory(office.parts.store, office.definition, Viewer(None, PEOPLE, office.clock.now()))
    assert office.board.board_inventory() == folded


LISTED: tuple[tuple[dict[str, object], list[str]], ...] = (
    ({}, ["a", "b", "c", "d"]),
    ({"stage": "meeting"}, ["a"]),
    ({"position": "none", "in_progress": True}, ["b", "d"]),
    ({"position": "contact_added"}, ["a"]),
    ({"owner": "wang"}, ["b"]),
    ({"owner": "none"}, []),
    ({"director": "chen"}, ["a", "c", "d"]),
    ({"director": "nobody"}, []),
    ({"process": "standard-sale"}, ["a", "b", "c", "d"]),
    ({"process": "standard-sale@1", "limit": 1}, ["a"]),
    ({"process": "standard-sale@2"}, []),
    ({"process": "standard-sale@x"}, []),
    ({"customer": "acme"}, ["a", "d"]),
    ({"customer": "none"}, ["b", "c"]),
    ({"outcome": "lost"}, ["c"]),
    ({"outcome": "won", "in_progress": True}, ["d"]),
    ({"stalled": True}, ["a"]),
    ({"stalled": False}, ["b", "c", "d"]),
    ({"limit": 2, "after": "a"}, ["b", "c"]),
    ({"gap": 3}, ["a", "d"]),
    ({"gap": 4}, ["d"]),
    ({"gap": -1}, []),
    ({"gap": 3, "ever": True, "in_progress": False}, []),
    ({"ever": True, "owner": "li"}, ["a", "d"]),
    ({"owner": "' OR 1=1 --"}, []),
)
STALLED: tuple[tuple[dict[str, object], list[str]], ...] = (
    ({}, [A]),
    ({"open_only": False}, [B, A]),
    ({"open_only": False, "owner": "wang"}, [B]),
    ({"open_only": False, "director": "chen"}, [A]),
    ({"open_only": False, "stage": "meeting"}, [A]),
    ({"open_only": False, "process": "standard-sale"}, [B, A]),
    ({"open_only": False, "process": "standard-sale@1"}, [B, A]),
    ({"open_only": False, "process": "standard-sale@2"}, []),
    ({"open_only": False, "deal_id": "b"}, [B]),
    ({"open_only": False, "backlog": True}, []),
    ({"open_only": False, "due_before": day(15)}, [B]),
    ({"open_only": False, "limit": 1}, [B]),
    ({"open_only": False, "after": B}, [A]),
    ({"open_only": False, "after": "nothing"}, []),
    ({"open_only": False, "escalated_only": True}, [B, A]),
)


def test_deals_are_listed_by_what_is_asked(busy: Office) -> None:
    for wanted, expected in LISTED:
        assert ids(busy, **wanted) == expected, wanted
        if not {"limit", "after"} & set(wanted):
            assert busy.board.count_deals(DealQuery(**wanted)) == len(expected), wanted


def test_stalls_are_listed_as_the_folded_deals_have_them(busy: Office) -> None:
    rows = []
    for events in busy.parts.store.load_many([f"deal/{deal_id}" for deal_id in "abcd"]).values():
        deal = fold(events)
        assert deal is not None
        process = busy.definition(deal.process)
        rows += [stall_row(s, Bearer.of(deal), process, PEOPLE, busy.clock.now()) for s in deal.stalls.values()]
    assert busy.board.stalls(StallQuery(open_only=False)) == sorted(rows, key=lambda row: row.due_at)


def test_stalls_are_listed_by_what_is_asked_oldest_deadline_first(busy: Office) -> None:
    for wanted, expected in STALLED:
        assert [row.stall_id for row in busy.board.stalls(StallQuery.model_validate(wanted))] == expected, wanted


def test_escalations_are_the_stalls_that_wait_for_a_decision(busy: Office) -> None:
    assert [row.deal_id for row in busy.board.stalls(StallQuery(escalated_only=True))] == ["a"]
    decided = busy.board.stalls(StallQuery(escalated_only=True, open_only=False, deal_id="b"))
    assert [(row.escalation, row.decided_by) for row in decided] == [("decided", "boss")]
