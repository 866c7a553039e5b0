"""A lost proof in every reading of a deal: `deal show`, `deal next`, the list of stalls, the history, the inventory."""

from zoneinfo import ZoneInfo

from dealflow.application.reading.as_of import AsOf
from dealflow.application.reading.deal import deal_view
from dealflow.application.reading.inventory import Inventory, take_inventory
from dealflow.application.reading.next_move import next_move
from dealflow.application.reading.stalls import Bearer, stall_row
from dealflow.application.viewer import Viewer
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.events import ProofLost
from dealflow.wording.history import FactTeller
from tests.application.reading.test_inventory import log_of
from tests.support.deals.told_deals import PEOPLE, ToldDeal, contact, day, process_in_force

STANDARD = process_in_force()
WITHDRAWN = c.WithdrawEvidence(evidence_id="e1", reason="the account is somebody else's")


def lost(deal_id: str = "d1") -> ToldDeal:
    """In the second stage since the 6th; the contact of the first was withdrawn on the 7th, a Wednesday."""
    story = contact(ToldDeal(deal_id, STANDARD), day(6)).looks(day(6, 3))
    return story.does(day(7), WITHDRAWN)


def won(deal_id: str = "d1") -> ToldDeal:
    """Won with every node passed: the contact by evidence, the others waived."""
    story = ToldDeal(deal_id, STANDARD)
    contact(story, day(6)).looks(day(6, 3))
    for stage in STANDARD.definition.stages[: (STANDARD.definition.winning_index or 0) + 1]:
        for node in stage.required_nodes:
            if node.id not in ("contact_added", "non_decider_met"):
                story.does(day(6, 4), c.WaiveNode(node=node.id, reason="known for years"), who="chen")
    return story.looks(day(6, 5))


def counted(*stories: ToldDeal, asked: AsOf | None = None) -> Inventory:
    store = log_of(*stories)
    return take_inventory(store, lambda _: STANDARD.definition, Viewer(None, PEOPLE, day(28)), asked=asked or AsOf())


def test_show_marks_the_node_and_says_since_when_why_and_what_is_missing() -> None:
    shown = deal_view(lost().deal, STANDARD, PEOPLE, at=day(8))
    (proof,) = shown.proof_lost
    assert (proof.node.id, proof.stage.id, proof.since, proof.why) == (
        "contact_added", "first_contact", day(7), "withdrawn",
    )  # fmt: skip
    assert [reason.code for reason in proof.node.reasons] == ["evidence_not_counted"]
    assert (proof.due_at, proof.way_back) == (day(9), "deal back d1 --to first_contact")
    assert [node.id for node in shown.nodes if node.lost] == ["contact_added"]
    clocks = {clock.name: clock.node and clock.node.id for clock in shown.clocks}
    assert clocks == {"stage_age": None, "proof_lost": "contact_added"}


def test_next_names_it_first_and_once() -> None:
    story = lost()
    move = next_move(story.deal, STANDARD, PEOPLE, at=day(8), recorded=story.recorded)
    assert [proof.node.id for proof in move.proof_lost] == ["contact_added"] and move.earlier == ()
    assert move.by == day(9)
    assert {clock.node.id for clock in move.clocks if clock.node} == {"contact_added"}


def test_the_ladder_of_its_stall_is_its_own() -> None:
    story = lost().looks(day(9, 3))
    move = next_move(story.deal, STANDARD, PEOPLE, at=day(10), recorded=story.recorded)
    (clock,) = (clock for clock in move.clocks if clock.node)
    assert (clock.run_out, clock.stall_id) == (True, "d1/1/contact_added/proof_lost/1")
    assert clock.ladder[0].reached
    (stall,) = story.deal.open_stalls
    row = stall_row(stall, Bearer.of(story.deal), STANDARD.definition, PEOPLE, day(10))
    assert (row.clock, row.node and row.node.id, row.stage) == ("proof_lost", "contact_added", "first_contact")


def test_a_closed_won_deal_shows_it_with_the_way_to_reopen() -> None:
    story = won().does(day(7), WITHDRAWN).does(day(8), c.CloseDeal(reason="others deliver"))
    (proof,) = deal_view(story.deal, STANDARD, PEOPLE, at=day(9)).proof_lost
    assert (proof.after_win, proof.due_at, proof.way_back) == (True, None, "deal reopen d1 --to first_contact")
    assert proof.node.reasons
    move = next_move(story.deal, STANDARD, PEOPLE, at=day(9), recorded=story.recorded)
    assert [each.node.id for each in move.proof_lost] == ["contact_added"]


def test_a_lost_deal_shows_none() -> None:
    story = lost().does(day(8), c.LoseDeal(reason="price"))
    assert deal_view(story.deal, STANDARD, PEOPLE, at=day(9)).proof_lost == ()
    assert counted(story).proof_lost.deals == 0


def test_history_says_it_in_both_languages() -> None:
    story = lost()
    (fact,) = (one.fact for one in story.recorded if isinstance(one.fact, ProofLost))
    english, chinese = (
        FactTeller(STANDARD.definition, language, ZoneInfo("Asia/Shanghai"), PEOPLE)(fact, story.deal)
        for language in ("en", "zh")
    )
    assert english == (
        "Proof lost: Messenger contact added, with phone, which the deal passed in First contact, is open again: "
        "its evidence was withdrawn. Told Li Lei, Chen Jie."
    )
    assert chinese == ("依据失效：“初步接洽”已通过的“添加微信(备注电话)”重新打开：凭证已撤回。已通知Li Lei、Chen Jie。")


def test_the_inventory_counts_open_deals_with_a_lost_proof_by_node_and_amount() -> None:
    found = counted(lost("a"), lost("b"), ToldDeal("c", STANDARD))
    assert (found.proof_lost.deals, found.proof_lost.by_node) == (2, {"contact_added": 2})
    assert found.proof_lost.amount == {"CNY": 20_000}
    assert found.proof_lost_after_win.deals == 0


def test_a_proof_lost_after_the_win_stands_apart_from_what_the_win_left_unproven() -> None:
    fell = won("a").does(day(7), WITHDRAWN)
    unproven = ToldDeal("b", STANDARD).does(day(6), c.WinDeal(reason="signed at the fair"), who="chen")
    found = counted(fell, unproven)
    assert (found.won, found.proof_lost.deals) == (2, 0)
    after = found.proof_lost_after_win
    assert (after.deals, after.by_node, after.amount) == (1, {"contact_added": 1}, {"CNY": 10_000})
    assert found.won_unproven["contact_added"] == 1
    assert found.won_amount == {"CNY": 20_000}


def test_a_deal_that_was_won_unproven_is_counted_there_alone() -> None:
    story = contact(ToldDeal("a", STANDARD), day(6)).looks(day(6, 3))
    story.does(day(6, 4), c.WinDeal(reason="signed at the fair"), who="chen").does(day(7), WITHDRAWN)
    found = counted(story)
    assert [proof.node for proof in story.deal.proofs_lost] == ["contact_added"]
    assert found.won_unproven and "contact_added" not in found.won_unproven
    assert found.proof_lost_after_win.deals == 0


def test_as_of_an_instant_before_the_withdrawal_was_recorded_nothing_is_lost() -> None:
    story = lost().evidence(day(9), "e2", "reply", text="Hello")
    contact(story, day(12), "e3")
    assert counted(story).proof_lost.deals == 0
    assert counted(story, asked=AsOf(day(8))).proof_lost.by_node == {"contact_added": 1}
    assert counted(story, asked=AsOf(day(6, 5))).proof_lost.deals == 0
