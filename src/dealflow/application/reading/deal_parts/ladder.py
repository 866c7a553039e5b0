"""The ladder behind a clock: the steps that were reached, as recorded, and those to come, as the engine will take them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from pydantic import AwareDatetime

from dealflow.application.processes.registry import ProcessInForce
from dealflow.application.reading.deal_parts.named import PersonView, people_view
from dealflow.domain.clocks.stall import stall_id
from dealflow.domain.deal.events import Recorded, RungReached
from dealflow.domain.deal.stalls import OpenStall, raised_of
from dealflow.domain.deal.state import Clock, Deal
from dealflow.domain.escalation.ladder import recipients_for
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.values.duration import Duration
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.refusal import CommandRefused


class ToldLater(Frozen):
    """Those who came to hold the places of a step after it was reached, and when they were told."""

    at: AwareDatetime
    people: tuple[PersonView, ...]


class RungView(Frozen):
    """A step of the ladder: when it comes, which places hear of it, and who holds them today.

    A step that was `reached` has the instant and the people on record. The next one has the instant that is stored, by which
    the engine goes. All others are `computed` with the calendar of today, which may have become another one by then, or
    may not be there; then `at` is None.
    """

    at: AwareDatetime | None
    places: tuple[str, ...]
    people: tuple[PersonView, ...]
    high_risk: bool
    reached: bool
    computed: bool
    later: tuple[ToldLater, ...] = ()


def stall_of(clock: Clock, deal: Deal) -> OpenStall | None:
    """The open stall that this episode of the clock has become."""
    named = stall_id(deal, clock.name, clock)
    return next((stall for stall in deal.open_stalls if stall.id == named), None)


def ladder_view(
    clock: Clock, deal: Deal, process: ProcessInForce, organisation: Organisation, recorded: Iterable[Recorded]
) -> tuple[RungView, ...]:
    """The steps in order; `recorded` is the deal's stream, which has those that were reached."""
    stall = stall_of(clock, deal)
    raised = raised_of(stall.escalation) if stall else None
    reached = _reached(recorded, stall.id) if stall else []
    later = _later(recorded, stall.id) if stall else {}
    counted_from = raised.counted_from if raised else clock.due_at
    steps = []
    for index, rung in enumerate(process.definition.ladder.rungs):
        fact = reached[index] if index < len(reached) else None
        stored = raised.next_rung_at if raised and index == raised.rung + 1 else None
        people = fact.recipients if fact else recipients_for(rung.to, deal, organisation)
        at = fact.effective_at if fact else stored or _computed(process, counted_from, rung.after)
        steps.append(
            RungView(
                at=at,
                places=rung.to,
                people=people_view(people, organisation),
                high_risk=rung.high_risk,
                reached=fact is not None,
                computed=fact is None and stored is None,
                later=tuple(
                    ToldLater(at=each.effective_at, people=people_view(each.recipients, organisation))
                    for each in later.get(index, ())
                ),
            )
        )
    return tuple(steps)


def _later(recorded: Iterable[Recorded], stall_id: str) -> Mapping[int, list[RungReached]]:
    """What each step told again, to those who came to hold its places after it was reached."""
    later: dict[int, list[RungReached]] = {}
    highest = -1
    for one in recorded:
        if isinstance(one.fact, RungReached) and one.fact.stall_id == stall_id:
            if one.fact.rung <= highest:
                later.setdefault(one.fact.rung, []).append(one.fact)
            highest = max(highest, one.fact.rung)
    return later


def _computed(process: ProcessInForce, counted_from: datetime, length: Duration) -> datetime | None:
    try:
        return process.calendar.after(counted_from, length).due_at
    except CommandRefused:
        return None


def _reached(recorded: Iterable[Recorded], stall_id: str) -> Sequence[RungReached]:
    """For each step that was reached the event that says so; one event stands for the steps that it skipped as well."""
    reached: list[RungReached] = []
    for one in recorded:
        if isinstance(one.fact, RungReached) and one.fact.stall_id == stall_id:
            reached += [one.fact] * (one.fact.rung + 1 - len(reached))
    return reached
