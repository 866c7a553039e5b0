"""Deals are written some at a time; deals of many acts fewer at a time, so that they do not fill the memory."""

from datetime import UTC, datetime

from dealflow.application.imports.plans import MOST_ACTS, DealPlan, Reject, in_groups
from dealflow.domain.deal import commands as c
from dealflow.domain.values.phrase import phrase

ACT = datetime(2026, 1, 1, tzinfo=UTC), c.RecordActivity(what="called")
REJECT = Reject(file="deals.csv", row=2, reason=phrase("the deal has no id"))


def plan(acts: int) -> DealPlan:
    return DealPlan("D1", "deals.csv", 2, (ACT,) * acts)


def test_small_deals_are_taken_by_their_number() -> None:
    items: list[DealPlan | Reject] = [plan(2), REJECT, plan(2), plan(2), REJECT]
    assert [len(group) for group in in_groups(items, 2)] == [2, 2, 1]


def test_deals_of_many_acts_are_taken_by_their_acts() -> None:
    half = plan(MOST_ACTS // 2)
    items: list[DealPlan | Reject] = [half, half, plan(3 * MOST_ACTS), plan(1), half, REJECT, half, plan(1)]
    assert [len(group) for group in in_groups(items, 200)] == [2, 1, 4, 1]
    assert [item for group in in_groups(items, 200) for item in group] == items


def test_nothing_is_no_group() -> None:
    assert list(in_groups([], 200)) == []
