"""A log fed live comes to what its import comes to, whenever the workflow looks; only the dates differ."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from bench.live.acts import must_be_moved_first, undated
from hypothesis import given, settings
from hypothesis import strategies as st

from dealflow.domain.deal import commands as c
from dealflow.domain.deal.commands import Command
from dealflow.domain.deal.context import Mode
from dealflow.domain.deal.draft import Draft
from dealflow.domain.deal.events import Origin
from dealflow.domain.deal.state import Deal
from dealflow.domain.decide.replay import Dated, replay
from dealflow.domain.process.definition import ProcessDefinition
from tests.support.deals.outlook import outlook
from tests.support.deals.plain_process import process_of
from tests.support.deals.stories import START, Story, context, day, opening

HALF_A_MINUTE = timedelta(seconds=30)
_BEGIN = """\
process: fed
calendar: plain
currency: CNY
evidence:
  talk: {side: customer, fields: {whom: {one_of: [helper, decider]}}}
  need: {side: customer}
  question: {side: customer}
  payment: {side: customer, fields: {amount: money}}
  referral: {side: customer}
stages:
  - id: meet
    nodes:
      - {id: helper_met, met_by: decider_met, standard: {evidence: talk, where: whom == "helper"}}
      - {id: decider_met, standard: {evidence: talk, where: whom == "decider", not_older_than: 30 days}}
    clocks: {stage_age: {limit: 10 days, warn: 8 days}}
  - id: learn
    milestones: [written_up]
    gate: milestones
    nodes:
      - {id: details_asked, optional: true, standard: {evidence: question, count: 2}}
  - id: sign
    wins: true
    gate: both
    milestones: [contract_sent]
    nodes:
      - {id: need_confirmed, standard: {evidence: need}}
      - {id: deposit_paid, standard: {evidence: payment, where: 'amount >= percent(deal.amount, 10)'}}
      - {id: refers, optional: true, standard: {evidence: referral}}
"""
_COLLECT = """\
  - id: collect
    milestones: [invoiced]
    nodes:
      - {id: paid_in_full, standard: {evidence: payment, sum: {field: amount, at_least: deal.amount}}}
"""
_END = "ladder: {rungs: [{after: 0 days, to: [owner]}]}\nlost_reasons: [price]\n"
WON_LAST, GOES_ON = process_of(_BEGIN + _END), process_of(_BEGIN + _COLLECT + _END)
ORIGIN = Origin(source="log", row="1", key="log/1")


def imported(acts: Sequence[Dated], definition: ProcessDefinition) -> Deal:
    story, until = Story(definition), day(100)
    story.now = until
    draft = Draft(None, "d1", replace(context(definition, until), mode=Mode.PAST))
    story.add(replay(draft, acts, until).facts)
    return story.deal


def fed(acts: Sequence[Dated], definition: ProcessDefinition, looks: Sequence[bool]) -> Deal:
    """Each instant as one command half a minute apart; the workflow looks where `looks` says, and where it must."""
    story = Story(definition)
    for number, (_, commands) in enumerate(undated(acts)):
        now = START + number * HALF_A_MINUTE
        if number and (looks[number % len(looks)] or must_be_moved_first(story.deal, context(definition, now))):
            story.progress(now)
        story.do(*commands, at=now)
    story.progress(story.now)
    return story.deal


def evidence(at: datetime, kind: str, number: int, **fields: str) -> Command:
    return c.RecordEvidence(evidence_id=f"{kind}{number}", kind=kind, fields=fields, observed_at=at, origin=ORIGIN)


kinds = st.sampled_from(
    [
        ("talk", {"whom": "decider"}), ("talk", {"whom": "helper"}), ("need", {}), ("question", {}), ("referral", {}),
        ("payment", {"amount": "100"}), ("payment", {"amount": "900"}),
    ]
)  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> list[Dated]:
    first = opening(WON_LAST).model_copy(update={"opened_at": day(0), "origin": ORIGIN})
    acts: list[Dated] = [(day(0), first)]
    # Half of them stand before the win, where the order of things counts.
    near = draw(st.booleans())
    if near:
        acts += [
            (day(1), c.ClaimStage(stage="sign", observed_at=day(1), origin=ORIGIN)),
            (day(2), evidence(day(2), "need", 99)),
            (day(3), c.RecordMilestone(milestone="contract_sent", observed_at=day(3), origin=ORIGIN)),
        ]
    for number in range(draw(st.integers(1, 12))):
        at = day(draw(st.integers(3 if near else 0, 9)))
        what = draw(st.sampled_from("eeeemmcso"))
        if what == "e":
            kind, fields = draw(kinds)
            acts.append((at, evidence(at, kind, number, **fields)))
        elif what == "m":
            milestone = draw(st.sampled_from(["written_up", "contract_sent"]))
            acts.append((at, c.RecordMilestone(milestone=milestone, observed_at=at, origin=ORIGIN)))
        elif what == "c":
            acts.append((at, c.RecordActivity(what="called", observed_at=at, origin=ORIGIN)))
        elif what == "s":
            stage = draw(st.sampled_from(["learn", "sign"]))
            acts.append((at, c.ClaimStage(stage=stage, observed_at=at, origin=ORIGIN)))
        else:
            outcome = draw(st.sampled_from(["won", "lost", "cancelled"]))
            acts.append((at, c.ClaimOutcome(outcome=outcome, observed_at=at, origin=ORIGIN)))
    return sorted(acts, key=lambda act: act[0])


@pytest.mark.parametrize("definition", [WON_LAST, GOES_ON], ids=["the win is the end", "it goes on after the win"])
@settings(max_examples=40, deadline=None)
@given(acts=histories(), looks=st.lists(st.booleans(), min_size=1, max_size=12))
def test_fed_live_it_comes_to_the_same_whenever_the_workflow_looks(
    definition: ProcessDefinition, acts: list[Dated], looks: list[bool]
) -> None:
    live, told_at_once = (
        outlook(fed(acts, definition, looks), definition),
        outlook(imported(acts, definition), definition),
    )
    # A claim that comes before the workflow has looked at a win finds the deal where the source says that it is.
    assert replace(live, not_applied=0) == replace(told_at_once, not_applied=0)


def test_a_fact_is_observed_when_it_is_fed() -> None:
    first = opening(WON_LAST).model_copy(update={"opened_at": day(-9)})
    acts = [(day(-9), first), (day(-2), evidence(day(-2), "need", 1))]
    deal = fed(acts, WON_LAST, [True])
    assert (deal.opened_at, deal.evidence["need1"].observed_at) == (START, START + HALF_A_MINUTE)


def test_what_lies_before_the_opening_is_fed_with_it() -> None:
    acts = [
        (day(1), evidence(day(1), "need", 1)),
        (day(2), opening(WON_LAST)),
        (day(2), c.RecordActivity(what="called")),
    ]
    assert [(at, [command.act for command in commands]) for at, commands in undated(acts)] == [
        (day(2), ["open", "record_evidence", "record_activity"])
    ]
