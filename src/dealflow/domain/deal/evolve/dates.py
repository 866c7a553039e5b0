"""What corrected dates change in a deal: it stands where it stood before what is told anew behind them."""

from collections.abc import Iterator

from dealflow.domain.deal import events as e
from dealflow.domain.deal.evolve.handler import Handlers
from dealflow.domain.deal.replace import replace
from dealflow.domain.deal.seller_path import EnteredStage, PathEnded, PathPoint
from dealflow.domain.deal.stalls import raised_of
from dealflow.domain.deal.state import Closed, Deal, InProgress, Outcome, Visit


def _dates_corrected(deal: Deal, fact: e.DatesCorrected, _: e.Stamp) -> Deal:
    if fact.to_visit is None:
        return replace(deal, opens_anew=fact.opens_anew)
    goes_on = not (isinstance(deal.life, Closed) and deal.life.version < fact.from_version)
    # As of an earlier instant not all of these visits have begun.
    visits = [visit for visit in deal.visits if visit.number <= fact.to_visit] or [deal.visits[0]]
    here = visits[-1]
    reopened = sum(visit.how == "reopened" for visit in deal.visits if visit.number > here.number)
    if goes_on:
        visits[-1] = replace(here, left_at=None, pass_through=False)
    told_anew = {key: stall for key, stall in deal.stalls.items() if stall.node is None and stall.visit >= here.number}
    raised = {key: found for key, stall in told_anew.items() if (found := raised_of(stall.escalation))}
    return replace(
        deal,
        life=InProgress() if goes_on else deal.life,
        opening=deal.opening - reopened,
        outcome=Outcome(fact.outcome),
        win=deal.win if deal.win and deal.win.version < fact.from_version else None,
        loss_reason=deal.loss_reason if fact.outcome in ("lost", "cancelled") else None,
        stage=here.stage,
        visits=tuple(visits),
        path=tuple(_until(deal, here, fact.from_version)),
        ready=None,
        clocks={key: clock for key, clock in deal.clocks.items() if clock.node is not None},
        stalls={key: stall for key, stall in deal.stalls.items() if key not in told_anew},
        raised_before={**deal.raised_before, **raised},
        opens_anew=fact.opens_anew,
    )


def _until(deal: Deal, here: Visit, from_version: int) -> Iterator[PathPoint]:
    """The path without the entries and ends behind this visit; what milestones vouched for stays."""
    behind = next((visit for visit in deal.visits if visit.number > here.number), None)
    is_behind = False
    for point in deal.path:
        match point:
            case EnteredStage():
                is_behind = is_behind or (behind is not None and _is_entry(point, behind))
                if is_behind or (point.standing_from or 0) >= from_version:
                    continue
            case PathEnded():
                if is_behind or point.version >= from_version:
                    continue
        yield point


def _is_entry(point: EnteredStage, visit: Visit) -> bool:
    return (point.at, point.stage) == (visit.entered_at, visit.stage)


def _opened_anew(deal: Deal, fact: e.DealOpened, _: e.Stamp) -> Deal:
    """The same deal, opened at its right date."""
    if not deal.opens_anew:
        return deal
    at = fact.effective_at
    first = replace(deal.visits[0], entered_at=at)
    path = (EnteredStage(at, first.stage), *deal.path[1:])
    return replace(deal, opened_at=at, visits=(first, *deal.visits[1:]), path=path, opens_anew=False)


HANDLERS: Handlers = {e.DatesCorrected: _dates_corrected, e.DealOpened: _opened_anew}
