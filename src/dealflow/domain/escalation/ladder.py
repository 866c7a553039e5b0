"""The ladder: who is warned before a deadline, and who hears of a stall, step by step, until it ends."""

from collections.abc import Collection, Iterable
from datetime import datetime

from dealflow.domain.deal import events as e
from dealflow.domain.deal.context import Mode
from dealflow.domain.deal.draft import Draft
from dealflow.domain.deal.stalls import NotRaised, OpenStall, Raised
from dealflow.domain.deal.state import Clock, Deal
from dealflow.domain.people.answering import answering, free_above
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.process.calendar import Calendar
from dealflow.domain.process.definition import Ladder, Place


def escalate(draft: Draft) -> None:
    """Warn before deadlines, raise open stalls, and climb the ladder. A stall that has already ended is history without notices."""
    if not draft.opened or not draft.deal.in_progress or draft.context.mode is Mode.PAST:
        return
    for clock in draft.deal.running_clocks:
        if not clock.warned and clock.warn_at and clock.warn_at <= draft.at:
            draft.add(_warning(draft, clock, clock.warn_at))
    for stall in draft.deal.open_stalls:
        if isinstance(stall.escalation, NotRaised):
            draft.add(_raising(draft, stall))
        _climb(draft, stall.id)
    hand_on(draft)


def hand_on(draft: Draft) -> None:
    """Tell of open stalls whoever holds a place of the steps reached so far and has not heard: the deal or the house changed.

    Who holds none any more is put on record, so that they are told again when they hold one later.
    """
    if draft.context.mode is not Mode.LIVE:
        return
    ladder = draft.context.process.ladder
    for stall in draft.deal.open_stalls:
        raised = stall.escalation
        if not isinstance(raised, Raised) or raised.rung < 0:
            continue
        places = [place for rung in ladder.rungs[: raised.rung + 1] for place in rung.to]
        holding = recipients_for(places, draft.deal, draft.context.organisation)
        unaware = tuple(person for person in holding if person not in raised.recipients)
        released = tuple(person for person in raised.recipients if person not in holding)
        if unaware or released:
            draft.add(
                e.RungReached(
                    effective_at=draft.at,
                    stall_id=stall.id,
                    rung=raised.rung,
                    recipients=unaware,
                    released=released,
                    high_risk=raised.high_risk,
                    next_at=raised.next_rung_at,
                )
            )


def _warning(draft: Draft, clock: Clock, at: datetime) -> e.WarningGiven:
    return e.WarningGiven(
        effective_at=at,
        clock=clock.name,
        stage=clock.stage,
        visit=clock.visit,
        episode=clock.episode,
        due_at=clock.due_at,
        node=clock.node,
        recipients=recipients_for(draft.context.process.ladder.warning, draft.deal, draft.context.organisation),
    )


def _raising(draft: Draft, stall: OpenStall) -> e.EscalationRaised:
    backlog = draft.context.mode is Mode.CATCH_UP
    counted_from = draft.at if backlog else stall.due_at
    ladder, calendar = draft.context.process.ladder, draft.context.calendar
    return e.EscalationRaised(
        effective_at=draft.at,
        stall_id=stall.id,
        backlog=backlog,
        counted_from=counted_from,
        next_at=rung_at(ladder, 0, counted_from, calendar),
    )


def _climb(draft: Draft, stall_id: str) -> None:
    """Only the highest due rung fires; the recipients of the skipped rungs hear of it too."""
    stall = draft.deal.stalls[stall_id]
    if not isinstance(stall.escalation, Raised):
        return
    raised, context = stall.escalation, draft.context
    if raised.next_rung_at is None or raised.next_rung_at > draft.at:
        return
    ladder, calendar = context.process.ladder, context.calendar
    # The next rung has its stored instant, even if the calendar has changed since.
    due = [raised.rung + 1]
    while (at := rung_at(ladder, due[-1] + 1, raised.counted_from, calendar)) and at <= draft.at:
        due.append(due[-1] + 1)
    highest = due[-1]
    places = tuple(place for index in due for place in ladder.rungs[index].to)
    draft.add(
        e.RungReached(
            effective_at=draft.at,
            stall_id=stall_id,
            rung=highest,
            recipients=recipients_for(places, draft.deal, context.organisation),
            high_risk=any(ladder.rungs[index].high_risk for index in due),
            next_at=rung_at(ladder, highest + 1, raised.counted_from, calendar),
        )
    )


def rung_at(ladder: Ladder, rung: int, counted_from: datetime, calendar: Calendar) -> datetime | None:
    """When this step is due; None behind the last one."""
    return calendar.after(counted_from, ladder.rungs[rung].after).due_at if rung < len(ladder.rungs) else None


def recipients_for(places: Iterable[Place], deal: Deal, organisation: Organisation) -> tuple[str, ...]:
    """Who holds these places for this deal, each person once."""
    return recipients(places, deal.owner, organisation, deal.worked_as_owner)


def recipients(
    places: Iterable[Place], owner: str | None, organisation: Organisation, owned: Collection[str] = ()
) -> tuple[str, ...]:
    """Who holds these places for a deal of this owner, each person once; `owned` count as its owner and decide nothing.

    A place that is empty, or whose holder is barred, passes upward. The owner's passes to all directors where nobody of the
    house owns the deal. The director's passes to the nearest manager where nobody above the owner is a director, the
    superior's to who holds the director's, who so hears that the ladder has come to that step. Where nobody above is left
    both pass to whoever answers for the deal then.
    """
    if owner not in organisation.people:
        # Nobody answers for the deal yet, so every director hears of it; otherwise the stall would be lost.
        return tuple(person.id for person in organisation.directors)
    holders = {"owner": (owner,), **_above(owner, organisation, owned)}
    return tuple(dict.fromkeys(person for place in places for person in holders[place]))


def _above(owner: str, organisation: Organisation, owned: Collection[str]) -> dict[Place, tuple[str, ...]]:
    chain = free_above(owner, owned, organisation)
    if not chain:
        others = answering(owner, owned, organisation).people
        return {"director": others, "superior": others}
    at = next((place for place, person in enumerate(chain) if person.role == "director"), 0)
    superior = chain[at + 1] if at + 1 < len(chain) else chain[at]
    return {"director": (chain[at].id,), "superior": (superior.id,)}
