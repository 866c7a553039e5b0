"""What events of clocks, stalls and escalations change in a deal."""

from dealflow.domain.deal import events as e
from dealflow.domain.deal.evolve.handler import Handlers, put
from dealflow.domain.deal.replace import replace
from dealflow.domain.deal.stalls import EndedStall, NotRaised, OpenStall, Raised, Stall, decided, ended
from dealflow.domain.deal.state import Clock, Deal, clock_key


def _clock_started(deal: Deal, fact: e.ClockStarted, _: e.Stamp) -> Deal:
    before = deal.clocks.get(clock_key(fact.clock, fact.node))
    goes_on = before is not None and (fact.node is not None or before.visit == fact.visit)
    began = before.started_at if before and goes_on else fact.effective_at
    clock = Clock(
        name=fact.clock,
        stage=fact.stage,
        visit=fact.visit,
        episode=fact.episode,
        started_at=began,
        limit=fact.limit,
        due_at=fact.due.due_at,
        warn_at=fact.warn.due_at if fact.warn else None,
        provisional=fact.due.provisional,
        calendar=fact.due.calendar,
        calendar_version=fact.due.calendar_version,
        granted=fact.granted,
        node=fact.node,
    )
    started = _with_clock(deal, clock)
    if fact.node is None:
        return started
    return replace(started, lost_episodes=put(deal.lost_episodes, fact.node, fact.episode))


def _with_clock(deal: Deal, clock: Clock) -> Deal:
    return replace(deal, clocks=put(deal.clocks, clock.key, clock))


def _clock_of(deal: Deal, fact: e.WarningGiven | e.StallRecorded) -> Clock | None:
    clock = deal.clocks.get(clock_key(fact.clock, fact.node))
    return clock if clock and clock.episode == fact.episode else None


def _warning_given(deal: Deal, fact: e.WarningGiven, _: e.Stamp) -> Deal:
    clock = _clock_of(deal, fact)
    return _with_clock(deal, replace(clock, warned=True)) if clock else deal


def _stall_recorded(deal: Deal, fact: e.StallRecorded, stamp: e.Stamp) -> Deal:
    stall = OpenStall(
        id=fact.stall_id,
        clock=fact.clock,
        stage=fact.stage,
        visit=fact.visit,
        episode=fact.episode,
        due_at=fact.effective_at,
        since=fact.since,
        limit=fact.limit,
        missing=fact.missing,
        recorded_at=stamp.recorded_at,
        node=fact.node,
        # One that is told anew was put before people already.
        escalation=deal.raised_before.get(fact.stall_id, NotRaised()),
    )
    clock = _clock_of(deal, fact)
    marked = _with_clock(deal, replace(clock, stalled=True)) if clock else deal
    return _with_stall(marked, stall)


def _with_stall(deal: Deal, stall: Stall) -> Deal:
    return replace(deal, stalls=put(deal.stalls, stall.id, stall))


def _open_stall(deal: Deal, stall_id: str) -> OpenStall | None:
    stall = deal.stalls.get(stall_id)
    return stall if isinstance(stall, OpenStall) else None


def _stall_ended(deal: Deal, fact: e.StallEnded, _: e.Stamp) -> Deal:
    stall = deal.stalls.get(fact.stall_id)
    if stall is None:
        return deal
    if isinstance(stall, EndedStall):  # the decision before this event has ended it
        return _with_stall(deal, replace(stall, ended_at=fact.effective_at, how=fact.how))
    return _with_stall(deal, ended(stall, fact.effective_at, fact.how))


def _escalation_raised(deal: Deal, fact: e.EscalationRaised, _: e.Stamp) -> Deal:
    stall = _open_stall(deal, fact.stall_id)
    if stall is None:
        return deal
    raised = Raised(fact.effective_at, fact.counted_from, backlog=fact.backlog, next_rung_at=fact.next_at)
    return _with_stall(deal, replace(stall, escalation=raised))


def _rung_reached(deal: Deal, fact: e.RungReached, _: e.Stamp) -> Deal:
    stall = _open_stall(deal, fact.stall_id)
    if stall is None or not isinstance(stall.escalation, Raised):
        return deal
    before = stall.escalation
    climbed = replace(
        before,
        rung=fact.rung,
        next_rung_at=fact.next_at,
        recipients=tuple(
            person for person in dict.fromkeys((*before.recipients, *fact.recipients)) if person not in fact.released
        ),
        high_risk=before.high_risk or fact.high_risk,
        told=(*before.told, *((fact.rung, person) for person in fact.recipients)),
    )
    return _with_stall(deal, replace(stall, escalation=climbed))


def _escalation_decided(deal: Deal, fact: e.EscalationDecided, stamp: e.Stamp) -> Deal:
    stall = deal.stalls.get(fact.stall_id)
    if stall is None:
        return deal
    answer = decided(stall, fact.decision, stamp.on_behalf_of or stamp.actor, fact.effective_at)
    if isinstance(stall, EndedStall):
        return _with_stall(deal, replace(stall, escalation=answer))
    return _with_stall(deal, ended(stall, max(fact.effective_at, stall.due_at), "decided", answer))


HANDLERS: Handlers = {
    e.ClockStarted: _clock_started,
    e.WarningGiven: _warning_given,
    e.StallRecorded: _stall_recorded,
    e.StallEnded: _stall_ended,
    e.EscalationRaised: _escalation_raised,
    e.RungReached: _rung_reached,
    e.EscalationDecided: _escalation_decided,
}
