"""History through the same rules: time order, deadlines between the facts, own dates, and what is left as backlog."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dealflow.domain.clocks.due import next_due
from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.commands import Command
from dealflow.domain.deal.context import Mode
from dealflow.domain.deal.draft import Draft
from dealflow.domain.deal.events import Fact, Origin
from dealflow.domain.deal.evolve import evolve
from dealflow.domain.deal.state import Deal, Outcome
from dealflow.domain.decide.replay import replay
from dealflow.domain.escalation.notice import Notice
from dealflow.domain.escalation.notices_of import notices_of
from tests.support.deals.plain_process import process_of
from tests.support.deals.stories import PEOPLE, Story, context, day, money, opening, short

Dated = tuple[datetime, Command]
UNTIL = day(100)
# A replay makes these facts at its end only, whenever that is.
NOTIFYING = (e.WarningGiven, e.EscalationRaised, e.RungReached)


def evidence(at: float, kind: str, number: int = 1, **fields: str) -> Dated:
    observed = day(at)
    return observed, c.RecordEvidence(evidence_id=f"{kind}{number}", kind=kind, fields=fields, observed_at=observed)


def opened(at: float = 0, owner: str | None = "anna") -> Dated:
    command = opening(process_of(), owner=owner).model_copy(update={"opened_at": day(at)})
    return day(at), command


def lost(at: float) -> Dated:
    return day(at), c.ClaimOutcome(outcome="lost", observed_at=day(at))


def replayed(acts: Sequence[Dated], until: datetime = UNTIL, deal: Deal | None = None) -> list[Fact]:
    draft = Draft(deal, "d1", replace(context(process_of(), until), mode=Mode.PAST))
    past = replay(draft, acts, until)
    # What an import goes on with is what the store will fold, whatever the history.
    assert past.deal == folded(past.facts, deal, until)
    return past.facts


def folded(facts: Sequence[Fact], deal: Deal | None = None, at: datetime = UNTIL) -> Deal:
    story = Story()
    story.now = at
    story.add(facts)
    for recorded in story.recorded:
        version = (deal.version if deal else 0) + 1
        deal = evolve(deal, recorded.fact, recorded.stamp.model_copy(update={"version": version}))
    assert deal is not None
    return deal


def of(kind: type[Fact], facts: Sequence[Fact]) -> list[Fact]:
    return [fact for fact in facts if isinstance(fact, kind)]


def test_a_transition_of_the_past_carries_the_date_of_the_fact_that_decided_it() -> None:
    facts = replayed([opened(), evidence(3, "talk", whom="decider"), evidence(7, "need")])
    assert [fact.effective_at for fact in of(e.StageAdvanced, facts)] == [day(3), day(7)]
    assert [fact.effective_at for fact in of(e.ClockStarted, facts)] == [day(0), day(3), day(7)]


def test_acts_are_taken_in_time_order_whatever_order_they_come_in() -> None:
    acts = [evidence(7, "need"), opened(), evidence(3, "talk", whom="decider")]
    assert folded(replayed(acts)).stage == "haggle"


def test_a_deadline_between_two_facts_is_a_stall_with_its_own_date_and_end() -> None:
    facts = replayed([opened(), evidence(12, "talk", whom="decider"), lost(14)])
    (stall,) = of(e.StallRecorded, facts)
    (ended,) = of(e.StallEnded, facts)
    assert (stall.effective_at, ended.effective_at) == (day(10), day(12))


def test_what_ended_before_the_import_tells_nobody() -> None:
    facts = replayed([opened(), evidence(12, "talk", whom="decider"), lost(14)])
    assert [fact for fact in facts if isinstance(fact, NOTIFYING)] == []


def test_a_deadline_comes_before_facts_of_the_same_instant() -> None:
    facts = replayed([opened(), evidence(10, "talk", whom="decider"), lost(11)])
    assert len(of(e.StallRecorded, facts)) == 1


def test_evidence_before_the_deadline_is_no_stall() -> None:
    facts = replayed([opened(), evidence(9.9, "talk", whom="decider"), lost(11)])
    assert of(e.StallRecorded, facts) == []


def test_what_is_still_stalled_at_the_end_is_backlog_with_rungs_counted_from_the_import() -> None:
    facts = replayed([opened()])
    (stall,), (raised,), (rung,) = (of(kind, facts) for kind in (e.StallRecorded, e.EscalationRaised, e.RungReached))
    assert isinstance(raised, e.EscalationRaised) and isinstance(rung, e.RungReached)
    assert (stall.effective_at, raised.backlog, raised.counted_from) == (day(10), True, UNTIL)
    assert (rung.rung, rung.recipients, rung.next_at) == (0, ("anna", "dora"), UNTIL + timedelta(days=2))


def test_the_backlog_climbs_on_from_the_import() -> None:
    story = Story()
    story.now = UNTIL
    story.add(replayed([opened()]))
    assert next_due(story.deal) == UNTIL + timedelta(days=2)
    story.progress(UNTIL + timedelta(days=4))
    assert story.last(e.RungReached).recipients == ("dora", "sun")


def test_a_backlog_notice_goes_by_digest_and_a_live_one_at_once() -> None:
    def modes(facts: Sequence[Fact], batch: str | None) -> set[tuple[str, bool]]:
        told: tuple[Notice, ...] = notices_of(facts, folded(facts), process_of(), PEOPLE, UNTIL, batch)
        return {(notice.mode, notice.subject.backlog) for notice in told}

    assert modes(replayed([opened()]), "import-1") == {("digest", True)}
    live = Story().opened()
    live.progress(day(10))
    assert modes([r.fact for r in live.recorded], None) == {("now", False)}


def test_a_closed_deal_never_stalls() -> None:
    facts = replayed([opened(), lost(9)])
    assert of(e.StallRecorded, facts) == []


def test_facts_of_one_instant_are_folded_together_before_a_closing_is_judged() -> None:
    won = (day(2), c.ClaimOutcome(outcome="won", observed_at=day(2)))
    facts = replayed([opened(), won, evidence(2, "talk", whom="decider"), evidence(2, "payment", amount="100")])
    (fact,) = of(e.DealWon, facts)
    assert isinstance(fact, e.DealWon) and fact.unproven == ("need_confirmed", "price_named")


def test_opening_and_facts_of_one_instant_are_one_evaluation() -> None:
    facts = replayed([opened(), evidence(0, "talk", whom="decider"), evidence(0, "need")])
    assert [fact.effective_at for fact in of(e.StageAdvanced, facts)] == [day(0), day(0)]


def test_facts_after_the_closing_claim_are_history() -> None:
    facts = replayed([opened(), lost(2), evidence(3, "talk", whom="decider")])
    assert [short(fact) for fact in facts][-3:] == ["lost", "closed", "evidence_recorded"]


def test_a_claim_after_the_closing_claim_is_not_applied() -> None:
    claim = (day(5), c.ClaimStage(stage="haggle", observed_at=day(5)))
    deal = folded(replayed([opened(), lost(2), claim]))
    assert (deal.outcome, deal.claims_not_applied) == (Outcome.LOST, 1)


def test_the_age_of_evidence_of_the_past_is_that_of_its_own_day() -> None:
    facts = replayed([opened(), evidence(-20, "talk", whom="decider")])
    assert len(of(e.NodeReached, facts)) == 1


def test_an_automatic_closing_of_the_past_is_dated_at_its_instant() -> None:
    story = [opened(), evidence(1, "talk", whom="decider"), evidence(1, "need"), evidence(1, "offer", amount="600")]
    acts = [*story, evidence(1, "payment", amount="1000")]
    facts = replayed(acts)
    (closed,) = of(e.DealClosed, facts)
    assert closed.effective_at == day(41)
    assert of(e.StallRecorded, facts) == []


def test_an_owner_of_the_past_need_not_be_of_the_house() -> None:
    assert folded(replayed([opened(owner="gone long ago")])).owner == "gone long ago"


def test_a_clock_that_runs_at_the_end_is_left_to_the_engine() -> None:
    deal = folded(replayed([opened(99)]))
    assert next_due(deal) == day(107)


def test_a_second_import_goes_on_where_the_first_ended() -> None:
    first = folded(replayed([opened(), evidence(2, "talk", whom="decider")], day(5)), at=day(5))
    facts = replayed([evidence(6, "need")], day(8), first)
    assert [fact.effective_at for fact in of(e.StageAdvanced, facts)] == [day(6)]


@pytest.mark.parametrize("cut", range(1, 7))
def test_batches_cut_between_instants_come_to_the_same_as_one(cut: int) -> None:
    acts = _long_history()
    assert _without_notices(_in_batches(acts, [cut])) == _without_notices(_in_batches(acts, []))


def _long_history() -> list[Dated]:
    return [
        opened(),
        evidence(12, "talk", whom="decider"),
        evidence(20, "need"),
        (day(22), c.RecordMilestone(milestone="quote_sent", observed_at=day(22))),
        evidence(23, "offer", amount="700"),
        evidence(30, "payment", amount="300"),
        evidence(70, "payment", 2, amount="700"),
    ]


def _in_batches(acts: Sequence[Dated], cuts: Sequence[int]) -> Deal:
    deal: Deal | None = None
    borders = [0, *cuts, len(acts)]
    for start, end in pairwise(borders):
        part = acts[start:end]
        until = part[-1][0] if end < len(acts) else UNTIL
        facts = replayed(part, until, deal)
        deal = folded([fact for fact in facts if not isinstance(fact, NOTIFYING)], deal)
    assert deal is not None
    return deal


def _without_notices(deal: Deal) -> Deal:
    # Without the notices, the only trace of the batches is when each stall was noticed.
    stalls = {key: replace(stall, recorded_at=UNTIL) for key, stall in deal.stalls.items()}
    return replace(deal, stalls=stalls)


kinds = st.sampled_from(
    [
        ("talk", {"whom": "decider"}), ("talk", {"whom": "helper"}), ("need", {}), ("offer", {"amount": "600"}),
        ("payment", {"amount": "100"}), ("payment", {"amount": "900"}), ("referral", {"referred": "Li"}), ("order", {}),
    ]
)  # fmt: skip
claims = st.sampled_from(["learn", "haggle", "collect", "serve"])
instants = st.integers(min_value=1, max_value=90)


@st.composite
def histories(draw: st.DrawFn) -> list[Dated]:
    acts: list[Dated] = [opened()]
    for number in range(draw(st.integers(min_value=1, max_value=8))):
        at = draw(instants)
        if draw(st.booleans()):
            kind, fields = draw(kinds)
            acts.append(evidence(at, kind, number, **fields))
        elif draw(st.booleans()):
            acts.append((day(at), c.ClaimStage(stage=draw(claims), observed_at=day(at))))
        else:
            origin = Origin(source="crm.csv", row=str(number), key=f"amend-{number}")
            acts.append((day(at), c.AmendDeal(title=f"A sale, {number}", amount=money(str(500 + at)), origin=origin)))
    return sorted(acts, key=lambda act: act[0])


@settings(max_examples=60, deadline=None)
@given(histories(), st.data())
def test_a_history_cut_anywhere_between_instants_comes_to_the_same_deal(acts: list[Dated], data: st.DataObject) -> None:
    borders = [n for n in range(1, len(acts)) if acts[n - 1][0] < acts[n][0]]
    cuts = sorted(data.draw(st.sets(st.sampled_from(borders)))) if borders else []
    assert _without_notices(_in_batches(acts, cuts)) == _without_notices(_in_batches(acts, []))


@settings(max_examples=60, deadline=None)
@given(histories())
def test_a_replay_leaves_nothing_due_at_its_end(acts: list[Dated]) -> None:
    deal = folded(replayed(acts))
    due = next_due(deal)
    assert due is None or due > UNTIL


@settings(max_examples=60, deadline=None)
@given(histories())
def test_transitions_of_the_past_are_dated_in_their_own_order(acts: list[Dated]) -> None:
    visits = folded(replayed(acts)).visits
    assert [visit.number for visit in visits] == list(range(1, len(visits) + 1))
    entered = [visit.entered_at for visit in visits]
    assert entered == sorted(entered) and entered[-1] <= UNTIL
