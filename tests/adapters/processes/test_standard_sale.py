"""The shipped standard sale from the first contact to the end of its life, on the Chinese working calendar."""

from datetime import UTC, datetime, timedelta
from typing import Any

from dealflow.domain.clocks.due import next_due
from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.state import NodeStatus, Outcome
from tests.support.deals.shipped_process import real_story, standard_sale
from tests.support.deals.stories import Story, day

NOTE = "They decide in May, the budget is there."


def walk(story: Story, at: float, kind: str, **fields: str) -> None:
    story.do(c.RecordEvidence(evidence_id=f"{kind}-{at}", kind=kind, fields=fields), at=day(at))
    story.progress()


def sold_up_to_the_deposit() -> Story:
    story = real_story(standard_sale()).opened(amount="48000")
    walk(story, 1, "messenger_contact", channel="wechat", phone="13800000000", added_on="2026-03-03")
    walk(story, 2, "meeting_note", **{"with": "non_decider"}, held_on="2026-03-04", summary=NOTE)
    walk(story, 3, "meeting_note", **{"with": "decider"}, held_on="2026-03-05", summary=NOTE)
    walk(story, 4, "need_confirmation", need=NOTE, budget="50000", decide_by="2026-05-01")
    walk(story, 5, "question", about="delivery", text="When can it be here?")
    walk(story, 6, "question", about="service", text="Who repairs it?")
    walk(story, 7, "counter_offer", offer="40000")
    return story


def sold() -> Story:
    story = sold_up_to_the_deposit()
    walk(story, 8, "payment", amount="4800", paid_on="2026-03-10", receipt="R-1")
    return story


def test_the_nine_stages_are_walked_in_order_node_by_node() -> None:
    story = sold()
    assert [visit.stage for visit in story.deal.visits] == [
        "first_contact", "meeting", "learn_need", "show_value", "negotiate", "sign", "collect",
    ]  # fmt: skip
    assert [fact.node for fact in story.facts(e.NodeReached)] == list(story.definition.nodes)[:-3]
    assert (story.deal.outcome, story.tracks.position, story.facts(e.StallRecorded)) == (
        Outcome.WON, "deposit_paid", [],
    )  # fmt: skip
    walk(story, 20, "payment", amount="43200", paid_on="2026-03-22", receipt="R-2")
    assert (story.deal.stage, story.tracks.customer_stage) == ("deliver", None)


def test_the_ninth_stage_ends_the_life_half_a_year_after_the_eighth() -> None:
    story = sold()
    walk(story, 20, "payment", amount="43200", paid_on="2026-03-22", receipt="R-2")
    assert next_due(story.deal) == day(200)
    story.progress(day(1000))
    assert story.last(e.DealClosed).effective_at == day(380)
    assert (story.deal.outcome, story.deal.in_progress, story.facts(e.StallRecorded)) == (Outcome.WON, False, [])


def test_a_referral_and_a_rebuy_open_deals_of_their_own() -> None:
    story = sold()
    walk(story, 20, "payment", amount="43200", paid_on="2026-03-22", receipt="R-2")
    walk(story, 30, "referral", referred="Wang Fang", phone="13900000000")
    walk(story, 60, "repeat_order", amount="9000", ordered_on="2026-05-01")
    assert story.deal.linked == ("d1.refers_others", "d1.buys_again")
    assert (story.last(e.DealClosed).how, story.deal.in_progress) == ("last_gate", False)


def test_a_stall_climbs_the_shipped_ladder_in_working_days() -> None:
    story = real_story(standard_sale()).opened()
    for number in range(30):
        story.progress(day(number))
    assert [(fact.effective_at, fact.recipients) for fact in story.facts(e.RungReached)] == [
        (day(7), ("anna", "dora")), (day(9), ("dora",)), (day(11), ("sun",)),
    ]  # fmt: skip
    assert story.last(e.WarningGiven).effective_at == day(4)


def test_a_limit_laid_over_the_spring_festival_waits_for_the_working_days() -> None:
    story = real_story(standard_sale())
    before_the_festival = datetime(2026, 2, 12, 1, 0, tzinfo=UTC)  # a Thursday; the make-up Saturday counts
    story.opened(at=before_the_festival)
    due = story.last(e.ClockStarted).due
    assert (due.due_at, due.provisional) == (datetime(2026, 2, 26, 1, 0, tzinfo=UTC), False)


def test_a_decision_sets_five_working_days_by_default_and_sixty_at_most() -> None:
    story = real_story(standard_sale()).opened()
    story.progress(day(7))
    extend = c.DecideEscalation(decision="extend", reason="they are at the fair")
    story.do(extend, at=day(8), who="dora")
    assert story.deal.clocks["stage_age"].due_at == day(15)


def test_the_gap_of_a_quote_sent_while_the_need_is_open_is_two_in_the_standard_sale() -> None:
    story = real_story(standard_sale()).opened()
    story.evidence("messenger_contact", channel="wechat", phone="13800000000", added_on="2026-03-02")
    with_decider: dict[str, Any] = {"with": "decider"}
    story.evidence("meeting_note", **with_decider, held_on="2026-03-02", summary="The board wants it this year.")
    story.do(c.RecordMilestone(milestone="quote_sent", fields={"amount": "900", "on": "2026-03-02"}))
    assert story.tracks.gap == 2


def test_a_deadline_on_the_working_calendar_is_stored_with_the_calendars_version() -> None:
    started = real_story(standard_sale()).opened().last(e.ClockStarted)
    assert (started.limit, started.due.calendar, started.due.due_at) == ("5 working days", "china-office", day(7))
    assert started.due.calendar_version is not None
    assert started.warn is not None and started.warn.due_at == day(4)


def test_a_decisions_default_deadline_is_laid_out_by_the_working_calendar() -> None:
    story = real_story(standard_sale()).opened()
    story.progress(day(7))
    friday = day(11)
    answer = c.DecideEscalation(decision="extend", reason="They meet on Monday.")
    story.do(answer, at=friday, who="dora")
    due = story.last(e.ClockStarted).due
    assert (due.calendar, due.due_at) == ("china-office", friday + timedelta(days=7))


def test_the_deposit_may_come_in_two_payments() -> None:
    story = sold_up_to_the_deposit()
    walk(story, 8, "payment", amount="2400", paid_on="2026-03-10", receipt="R-1")
    assert story.deal.outcome is Outcome.OPEN
    walk(story, 9, "payment", amount="2400", paid_on="2026-03-11", receipt="R-2")
    assert story.deal.outcome is Outcome.WON


def test_what_was_refunded_is_not_paid() -> None:
    story = sold()
    walk(story, 19, "refund", amount="1000", refunded_on="2026-03-21", receipt="R-1")
    walk(story, 20, "payment", amount="43200", paid_on="2026-03-22", receipt="R-2")
    assert story.deal.node("paid_in_full").status is NodeStatus.OPEN
    walk(story, 22, "payment", amount="1000", paid_on="2026-03-24", receipt="R-3")
    assert story.deal.node("paid_in_full").status is NodeStatus.REACHED


def test_a_refund_opens_what_was_paid_until_it_is_paid_again() -> None:
    story = sold()
    walk(story, 20, "payment", amount="43200", paid_on="2026-03-22", receipt="R-2")
    walk(story, 21, "refund", amount="47000", refunded_on="2026-03-23", receipt="R-2")
    opened = ("deposit_paid", "paid_in_full")
    assert [story.deal.node(node).status for node in opened] == [NodeStatus.OPEN] * 2
    assert sorted(story.deal.lost) == sorted(opened)
    walk(story, 22, "payment", amount="47000", paid_on="2026-03-24", receipt="R-3")
    assert [story.deal.node(node).status for node in opened] == [NodeStatus.REACHED] * 2
    assert not story.deal.lost
