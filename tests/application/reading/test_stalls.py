"""A stall as a list shows it: what ran out, who was told, what was decided."""

import pytest

from dealflow.application.reading.stalls import Bearer, StallRow, stall_row
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.state import Deal
from tests.support.deals.told_deals import PEOPLE, ToldDeal, contact, day, process_in_force

STANDARD = process_in_force()
NOW = day(28)


def rows(deal: Deal) -> list[StallRow]:
    return [stall_row(stall, Bearer.of(deal), STANDARD.definition, PEOPLE, NOW) for stall in deal.stalls.values()]


@pytest.fixture
def stalled() -> ToldDeal:
    return ToldDeal("a", STANDARD).looks(day(12, 3))


def test_an_open_stall_says_what_ran_out_since_when_and_who_was_told(stalled: ToldDeal) -> None:
    (row,) = rows(stalled.deal)
    assert (row.stall_id, row.deal_id, row.clock, row.limit) == (
        "a/1/1/stage_age/1",
        "a",
        "stage_age",
        "5 working days",
    )
    assert (row.stage, row.stage_title["zh"]) == ("first_contact", "初步接洽")
    assert (row.since, row.due_at, row.open, row.ended_at) == (day(5), day(12), True, None)
    assert row.overdue_seconds == 16 * 86_400
    assert (row.owner, row.director, row.told) == ("li", "chen", ("li", "chen"))
    assert (row.escalation, row.rung, row.backlog, row.next_rung_at) == ("open", 0, False, day(14))
    assert [(node.id, node.title["zh"]) for node in row.missing] == [("contact_added", "添加微信(备注电话)")]
    assert row.customer_id == "acme" and "ACME" not in row.model_dump_json()


def test_a_decision_is_on_the_row(stalled: ToldDeal) -> None:
    stalled.does(day(13), c.DecideEscalation(decision="extend", reason="they travel"), who="chen")
    (row,) = rows(stalled.deal)
    assert (row.open, row.ended_how, row.overdue_seconds) == (False, "decided", 86_400)
    assert (row.escalation, row.decision, row.decided_by, row.decided_at) == ("decided", "extend", "chen", day(13))


def test_a_stall_that_the_customer_ended_has_an_escalation_without_a_decision(stalled: ToldDeal) -> None:
    contact(stalled, day(13)).looks(day(13, 3))
    (row,) = rows(stalled.deal)
    assert (row.escalation, row.ended_how, row.decision) == ("ended", "moved", None)


def test_a_stall_that_was_over_when_noticed_was_put_before_nobody() -> None:
    late = contact(ToldDeal("a", STANDARD), day(13)).looks(day(13, 3))
    (row,) = rows(late.deal)
    assert (row.escalation, row.raised_at, row.told, row.rung) == ("none", None, (), None)
