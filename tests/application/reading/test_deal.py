"""`deal show` and `deal next`: what is so, what is missing, by when, and who hears of it."""

from dataclasses import replace

import pytest

from dealflow.adapters.calendars.business import BusinessCalendar
from dealflow.adapters.calendars.plan import CalendarPlan
from dealflow.application.reading.deal import DealView, deal_view
from dealflow.application.reading.next_move import NextMove, next_move
from dealflow.domain.deal import commands as c
from dealflow.domain.values.refusal import Code
from tests.support.deals.told_deals import PEOPLE, ToldDeal, contact, day, meeting, payment, process_in_force

STANDARD = process_in_force()
FRIDAYS_OFF = BusinessCalendar(CalendarPlan("china-office", week=(0, 1, 2, 3), zone="Asia/Shanghai", country="CN"))
NOW = day(28)


def shown(story: ToldDeal) -> DealView:
    return deal_view(story.deal, STANDARD, PEOPLE, at=NOW)


def moves(story: ToldDeal) -> NextMove:
    return next_move(story.deal, STANDARD, PEOPLE, at=NOW, recorded=story.recorded)


@pytest.fixture
def story() -> ToldDeal:
    return ToldDeal(process=STANDARD)


def test_a_new_deal_shows_where_both_tracks_stand(story: ToldDeal) -> None:
    seen = shown(story)
    assert (seen.deal_id, seen.version, seen.process.id, seen.stage.title["zh"]) == (
        "d1",
        2,
        "standard-sale@1",
        "初步接洽",
    )
    assert (seen.owner and seen.owner.name, seen.director and seen.director.id) == ("Li Lei", "chen")
    assert (seen.tracks.position, seen.tracks.gap, seen.tracks.standing.id) == (None, 0, "first_contact")
    assert (seen.outcome, seen.in_progress, seen.closed_at, seen.won_at) == ("open", True, None, None)
    assert seen.customer and seen.customer.name == "ACME 有限公司"
    assert seen.next_due == day(9)


def test_a_clock_shows_what_its_deadline_was_computed_from(story: ToldDeal) -> None:
    (clock,) = shown(story).clocks
    assert (clock.name, clock.since, clock.limit, clock.due_at) == ("stage_age", day(5), "5 working days", day(12))
    assert (clock.calendar, clock.granted, clock.provisional, clock.run_out) == ("china-office", False, False, False)
    assert clock.calendar_version


def test_nodes_say_what_they_rest_on_or_what_is_missing(story: ToldDeal) -> None:
    meeting(contact(story, day(6)).looks(day(6, 3)), day(7), "m1").looks(day(7, 3))
    nodes = {node.id: node for node in shown(story).nodes}
    assert (nodes["contact_added"].status, nodes["contact_added"].evidence) == ("reached", ("e1",))
    assert (nodes["non_decider_met"].status, nodes["non_decider_met"].met_by) == ("met_by_later", "decider_met")
    assert nodes["non_decider_met"].reasons == ()
    assert [reason.code for reason in nodes["need_confirmed"].reasons] == [Code.EVIDENCE_MISSING]
    assert (nodes["refers_others"].required, nodes["need_confirmed"].playbook["en"][:5]) == (False, "Write")


def test_evidence_shows_which_nodes_stand_on_it_and_whether_it_counts(story: ToldDeal) -> None:
    contact(story, day(6)).does(day(7), c.WithdrawEvidence(evidence_id="e1", reason="wrong"))
    contact(story, day(8), "e2")
    first, second = shown(story).evidence
    assert (first.id, first.standing, first.used_by) == ("e1", "withdrawn", ())
    assert (second.standing, second.used_by, second.title["zh"]) == ("valid", ("contact_added",), "添加微信")


def test_a_quote_before_the_need_is_a_gap_with_its_beginning(story: ToldDeal) -> None:
    story.does(day(8), c.RecordMilestone(milestone="quote_sent", fields={"amount": "5000", "on": "2026-01-08"}))
    tracks = shown(story).tracks
    assert (tracks.gap, tracks.gap_since, tracks.standing.title["en"]) == (4, day(8), "Compare rivals, negotiate price")


def test_an_open_stall_is_in_the_deals_view_with_everything_that_explains_it(story: ToldDeal) -> None:
    (stall,) = shown(story.looks(day(12, 3))).stalls
    assert (stall.due_at, stall.told, [node.id for node in stall.missing]) == (
        day(12),
        ("li", "chen"),
        ["contact_added"],
    )


def test_next_names_the_missing_nodes_the_deadline_and_the_ladder(story: ToldDeal) -> None:
    contact(story, day(6)).looks(day(6, 3))
    move = moves(story)
    assert (move.stage.id, move.to and move.to.id, move.ready, move.wins) == ("meeting", "learn_need", False, False)
    assert [node.id for node in move.missing] == ["non_decider_met", "decider_met"]
    assert all(node.reasons and node.playbook for node in move.missing)
    (clock,) = move.clocks
    assert (move.by, clock.due_at, clock.warned, [person.id for person in clock.warns]) == (
        day(20, 3),
        day(20, 3),
        False,
        ["li"],
    )
    assert [
        (rung.at, rung.places, [person.name for person in rung.people], rung.high_risk) for rung in clock.ladder
    ] == [
        (day(20, 3), ("owner", "director"), ["Li Lei", "Chen Jie"], False),
        (day(22, 3), ("director",), ["Chen Jie"], False),
        (day(26, 3), ("superior",), ["Chen Jie"], True),
    ]


def test_next_after_a_stall_shows_which_steps_of_the_ladder_were_taken(story: ToldDeal) -> None:
    move = moves(story.looks(day(14, 3)))
    (clock,) = move.clocks
    assert (clock.run_out, clock.stall_id, move.by) == (True, "d1/1/1/stage_age/1", None)
    assert [rung.reached for rung in clock.ladder] == [True, True, False]


def test_next_shows_the_instant_that_the_engine_goes_by_though_the_calendar_has_changed(story: ToldDeal) -> None:
    story.looks(day(14, 3))
    story.process = replace(STANDARD, calendar=FRIDAYS_OFF)
    (clock,) = next_move(story.deal, story.process, PEOPLE, at=day(15), recorded=story.recorded).clocks
    assert (clock.ladder[-1].at, clock.ladder[-1].reached, clock.ladder[-1].computed) == (day(16), False, False)

    story.looks(day(16))
    (clock,) = next_move(story.deal, story.process, PEOPLE, at=day(17), recorded=story.recorded).clocks
    assert (clock.ladder[-1].at, clock.ladder[-1].reached) == (day(16), True)


def test_a_step_without_a_stored_instant_goes_by_the_calendar_of_today_and_says_so(story: ToldDeal) -> None:
    story.looks(day(12, 3))
    story.process = replace(STANDARD, calendar=FRIDAYS_OFF)
    (clock,) = next_move(story.deal, story.process, PEOPLE, at=day(13), recorded=story.recorded).clocks
    assert [(rung.at, rung.computed) for rung in clock.ladder] == [
        (day(12, 3), False),
        (day(14), False),
        (day(19), True),
    ]


def test_a_step_that_was_reached_shows_who_was_told_then(story: ToldDeal) -> None:
    story.looks(day(14, 3)).does(day(14, 4), c.ReassignDeal(owner="wang", reason="li is away"), who="chen")
    (clock,) = moves(story).clocks
    assert [(rung.at, [person.id for person in rung.people]) for rung in clock.ladder[:2]] == [
        (day(14, 3), ["li", "chen"]),
        (day(14, 3), ["li", "chen"]),
    ]
    assert [(told.at, [person.id for person in told.people]) for told in clock.ladder[1].later] == [
        (day(14, 4), ["wang", "boss"])
    ]


def test_next_of_a_deal_whose_gate_is_met_is_to_wait_for_the_workflow(story: ToldDeal) -> None:
    move = moves(contact(story, day(6)))
    assert (move.ready, move.missing, move.to and move.to.id) == (True, (), "meeting")


def test_next_shows_the_steps_that_are_planned_and_not_done(story: ToldDeal) -> None:
    story.does(
        day(6),
        c.PlanStep(step_id="s2", what="visit", by=day(30)),
        c.PlanStep(step_id="s1", what="call", by=day(9), node="contact_added"),
        c.PlanStep(step_id="s0", what="mail", by=day(8)),
        c.CompleteStep(step_id="s0"),
    )
    steps = moves(story).steps
    assert [(step.id, step.overdue) for step in steps] == [("s1", True), ("s2", False)]
    assert steps[0].node and steps[0].node.title["zh"] == "添加微信(备注电话)"
    assert [step.id for step in shown(story).steps] == ["s0", "s1", "s2"]


def test_a_stage_that_closes_by_itself_says_when_and_what_else_would_leave_it(story: ToldDeal) -> None:
    payment(story, day(6), "p1", "10000").does(day(7), c.WinDeal(reason="signed at the fair"), who="chen")
    story.looks(day(7, 3))
    move = moves(story)
    assert (move.stage.id, move.outcome, move.missing) == ("deliver", "won", ())
    assert [node.id for node in move.any_of] == ["refers_others"]
    assert move.closes_at and not move.ready and move.clocks == ()


def test_a_closed_deal_needs_nothing_and_shows_how_it_ended(story: ToldDeal) -> None:
    story.does(day(8), c.LoseDeal(reason="price", note="too dear"))
    seen, move = shown(story), moves(story)
    assert (seen.outcome, seen.in_progress, seen.closed_at, seen.closed_how) == ("lost", False, day(8), "lost")
    assert seen.loss_reason and seen.loss_reason.title == {"en": "Price", "zh": "价格"}
    assert (move.in_progress, move.missing, move.clocks) == (False, (), ())


def test_a_win_shows_what_was_not_proven(story: ToldDeal) -> None:
    story.does(day(7), c.WinDeal(reason="signed at the fair"), who="chen")
    seen = shown(story)
    assert (seen.won_at, seen.won_by) == (day(7), "person")
    assert seen.won_unproven[0].title["zh"] == "添加微信(备注电话)"


def test_an_owner_who_left_is_shown_by_id() -> None:
    story = ToldDeal(process=STANDARD)
    gone = PEOPLE.model_copy(update={"people": {}})
    seen = deal_view(story.deal, STANDARD, gone, at=NOW)
    assert (seen.owner and seen.owner.name, seen.director) == ("li", None)


def test_a_node_that_an_earlier_stage_left_open_is_told(story: ToldDeal) -> None:
    assert moves(story).earlier == ()
    story.does(day(6), c.OverrideGate(reason="known for years"), who="chen").looks(day(6, 3))
    move = moves(story)
    assert (move.stage.id, [node.id for node in move.missing]) == ("meeting", ["non_decider_met", "decider_met"])
    [node] = move.earlier
    assert (node.id, node.stage, node.lost, move.proof_lost) == ("contact_added", "first_contact", False, ())
    assert [reason.code for reason in node.reasons] == [Code.EVIDENCE_MISSING]
    ready = moves(meeting(story, day(8), "m1"))
    assert ready.ready and [node.id for node in ready.earlier] == ["contact_added"]
