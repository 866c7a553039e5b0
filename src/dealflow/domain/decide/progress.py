"""What is due for a deal at an instant: clocks that ran out, gates that are met, warnings and rungs, in time order."""

from collections.abc import Iterable
from datetime import datetime

from dealflow.domain.deal import events as e
from dealflow.domain.deal.context import Context, Mode
from dealflow.domain.deal.draft import Draft
from dealflow.domain.deal.state import Clock, Deal, Stall
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.process.definition import Place
from dealflow.domain.track.position import open_nodes
from dealflow.domain.track.transition import make_transition


def progress(deal: Deal, context: Context) -> list[e.Fact]:
    """All that is due at `context.at`; run again on its own result, nothing."""
    draft = Draft(deal, deal.id, context)
    record_due(draft)
    escalate(draft)
    return draft.facts


def record_due(draft: Draft) -> None:
    """Record stalls and make transitions up to the draft's instant; a deadline comes before facts of the same instant."""
    while draft.opened and draft.deal.in_progress:
        deal = draft.deal
        due = (clock for clock in deal.running_clocks if clock.due_at <= draft.at)
        first = min(due, key=lambda clock: clock.due_at, default=None)
        ready = deal.ready if deal.ready and deal.ready.ready_at <= draft.at else None
        if first and (ready is None or first.due_at <= ready.ready_at):
            _record_stall(draft, first)
        elif ready:
            make_transition(draft)
        else:
            return


def _record_stall(draft: Draft, clock: Clock) -> None:
    deal = draft.deal
    draft.add(
        e.StallRecorded(
            effective_at=clock.due_at,
            stall_id=f"{deal.id}/{deal.opening}/{clock.visit}/{clock.name}/{clock.episode}",
            clock=clock.name,
            stage=clock.stage,
            visit=clock.visit,
            episode=clock.episode,
            since=clock.started_at,
            limit=clock.limit,
            missing=open_nodes(deal, draft.context.process, clock.stage),
        )
    )


def escalate(draft: Draft) -> None:
    """Warn, raise and climb for what is still open; a stall that has ended already is history, nobody is told of it."""
    if not draft.opened or not draft.deal.in_progress or draft.context.mode is Mode.PAST:
        return
    for clock in draft.deal.running_clocks:
        if not clock.warned and clock.warn_at and clock.warn_at <= draft.at:
            _warn(draft, clock)
    for stall in draft.deal.open_stalls:
        if stall.raised_at is None:
            _raise(draft, stall)
        _climb(draft, draft.deal.stalls[stall.id])


def _warn(draft: Draft, clock: Clock) -> None:
    people = recipients(draft.context.process.ladder.warning, draft.deal.owner, draft.context.organisation)
    draft.add(
        e.WarningGiven(
            effective_at=clock.warn_at or draft.at,
            clock=clock.name,
            stage=clock.stage,
            visit=clock.visit,
            episode=clock.episode,
            due_at=clock.due_at,
            recipients=people,
        )
    )


def _raise(draft: Draft, stall: Stall) -> None:
    backlog = draft.context.mode is Mode.CATCH_UP
    counted_from = draft.at if backlog else stall.due_at
    draft.add(
        e.EscalationRaised(
            effective_at=draft.at,
            stall_id=stall.id,
            backlog=backlog,
            counted_from=counted_from,
            next_at=_rung_at(draft, counted_from, 0),
        )
    )


def _climb(draft: Draft, stall: Stall) -> None:
    """Only the highest rung that is due fires; it tells the recipients of the rungs that it skipped as well."""
    if stall.next_rung_at is None or stall.next_rung_at > draft.at or stall.counted_from is None:
        return
    rungs = draft.context.process.ladder.rungs
    # The next rung goes by its stored instant, whatever the calendar has become since.
    due = [stall.rung + 1]
    while (at := _rung_at(draft, stall.counted_from, due[-1] + 1)) and at <= draft.at:
        due.append(due[-1] + 1)
    highest = due[-1]
    places = tuple(place for index in due for place in rungs[index].to)
    draft.add(
        e.RungReached(
            effective_at=draft.at,
            stall_id=stall.id,
            rung=highest,
            recipients=recipients(places, draft.deal.owner, draft.context.organisation),
            high_risk=any(rungs[index].high_risk for index in due),
            next_at=_rung_at(draft, stall.counted_from, highest + 1),
        )
    )


def _rung_at(draft: Draft, counted_from: datetime, index: int) -> datetime | None:
    rungs = draft.context.process.ladder.rungs
    return draft.context.calendar.after(counted_from, rungs[index].after).due_at if index < len(rungs) else None


def recipients(places: Iterable[Place], owner: str | None, organisation: Organisation) -> tuple[str, ...]:
    """Who holds these places for a deal of this owner; a place that is empty passes upward."""
    if owner not in organisation.people:
        # Nobody answers for it yet, so whoever could decide does: a stall that nobody hears of is lost.
        return tuple(person.id for person in organisation.directors)
    found: list[str] = []
    for place in places:
        person = organisation.people[owner] if place == "owner" else None
        if place != "superior":
            person = person or organisation.director_of(owner)
        # A superior's place passes to nobody: there is nobody above, and the director has heard already.
        person = person or organisation.superior_of(owner)
        if person and person.id not in found:
            found.append(person.id)
    return tuple(found)
