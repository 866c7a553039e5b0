"""Every form of a standard that reads the amount is judged again in both directions; the others are left alone."""

import pytest

from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from tests.support.deals.plain_process import process_of
from tests.support.deals.stories import Story, day, money

PROCESS = """\
process: forms
calendar: plain
evidence:
  payment: {{side: customer, fields: {{amount: money}}}}
  note: {{side: customer}}
stages:
  - id: only
    nodes:
      - {{id: asked, standard: {standard}}}
      - {{id: never, standard: note}}
  - id: end
    nodes: [{{id: last, met_by: null, standard: note}}]
"""
AT_LEAST_HALF = "{evidence: payment, where: 'amount >= percent(deal.amount, 50)'}"
IN_FULL = "{evidence: payment, sum: {field: amount, at_least: deal.amount}}"
AT_MOST = "{evidence: payment, where: 'amount <= deal.amount'}"
NOTE = "{evidence: note}"


def story_of(standard: str) -> Story:
    text = (
        PROCESS.format(standard=standard).replace("standard: note", f"standard: {NOTE}").replace("met_by: null, ", "")
    )
    return Story(process_of(text)).opened(amount="1000")


def amend(story: Story, amount: str, at: float) -> str:
    story.do(c.AmendDeal(amount=money(amount), reason="r"), at=day(at), who="dora")
    return story.deal.node("asked").status.value


@pytest.mark.parametrize(
    "standard",
    [
        AT_LEAST_HALF,
        IN_FULL,
        f"{{all_of: [{AT_LEAST_HALF}, {IN_FULL}]}}",
        f"{{any_of: [{NOTE}, {AT_LEAST_HALF}]}}",
        f"{{any_of: [{{all_of: [{IN_FULL}]}}, {NOTE}]}}",
    ],
)
def test_a_larger_amount_opens_and_a_smaller_one_meets(standard: str) -> None:
    story = story_of(standard)
    story.evidence("payment", amount="1000")
    assert [amend(story, amount, at) for at, amount in enumerate(("5000", "900", "5000"), 1)] == [
        "open",
        "reached",
        "open",
    ]


def test_a_standard_with_an_upper_bound_asks_for_the_smallest_as_well() -> None:
    story = story_of(AT_MOST)
    story.do(c.AmendDeal(amount=money("2000"), reason="more"), at=day(1))
    story.evidence("payment", at=day(2), amount="1500")
    assert story.deal.node("asked").status == "open"
    story.do(c.AmendDeal(amount=money("2000"), reason="seen", confirm=True), at=day(3), who="dora")
    assert story.deal.node("asked").status == "reached"
    assert amend(story, "1000", 4) == "open"


def test_another_branch_may_still_hold() -> None:
    story = story_of(f"{{any_of: [{AT_LEAST_HALF}, {NOTE}]}}")
    story.do(story.evidence_of("payment", amount="600"), story.evidence_of("note"))
    assert amend(story, "5000", 1) == "reached"
    assert (story.facts(e.NodeReversed), story.last(e.NodeReached).evidence) == ([], ("note1",))


def test_what_the_judgement_came_to_rest_on_takes_it_along_when_it_is_withdrawn() -> None:
    story = story_of(AT_LEAST_HALF)
    story.evidence("payment", amount="600")
    story.evidence("payment", at=day(1), amount="5000")
    assert amend(story, "5000", 2) == "reached"
    story.do(c.WithdrawEvidence(evidence_id="payment2", reason="denied"), at=day(3))
    assert story.deal.node("asked").status == "open"


def test_a_node_met_by_a_later_one_stays_passed_while_that_one_is() -> None:
    story = Story().opened().moved_to("sign")
    story.do(c.WaiveNode(node="deposit_paid", reason="known for years"), who="dora")
    amend_all = c.AmendDeal(amount=money("90000"), reason="r")
    story.do(amend_all, at=day(1), who="dora")
    assert story.deal.node("deposit_paid").status == "waived"


def test_a_standard_that_does_not_read_the_amount_is_not_judged() -> None:
    story = story_of(NOTE)
    story.evidence("note")
    before = len(story.recorded)
    amend(story, "90000", 1)
    assert story.topics(before) == ["amended"]


def test_what_is_taken_away_from_a_node_that_is_open_again_never_counted() -> None:
    story = story_of(AT_LEAST_HALF)
    story.evidence("payment", amount="600")
    amend(story, "5000", 1)
    story.do(c.WithdrawEvidence(evidence_id="payment1", reason="denied"), at=day(2))
    past = story.as_of(day(0.5))
    assert past and past.node("asked").status == "open"
