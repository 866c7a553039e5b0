"""The stall of a clock that has run out: its id, its record, its end."""

from datetime import datetime

from dealflow.domain.clocks.kinds import kind_of
from dealflow.domain.deal import events as e
from dealflow.domain.deal.stalls import OpenStall
from dealflow.domain.deal.state import Clock, Deal


def stall_id(deal: Deal, clock: str, episode: Clock | e.WarningGiven | e.ProofLost) -> str:
    """The id of the stall that this episode of a clock may become. What is told before it uses the same id."""
    named_by = (getattr(episode, part) for part in kind_of(clock).named_by)
    return "/".join(str(part) for part in (deal.id, deal.opening, *named_by, clock, episode.episode))


def deal_of_stall(stall: str) -> str:
    """The id of the deal that a stall's id begins with; no id of a deal holds a slash."""
    return stall.partition("/")[0]


def stall_recorded(deal: Deal, clock: Clock, missing: tuple[str, ...]) -> e.StallRecorded:
    """The stall, dated at the deadline, however late it is noticed. `missing` are the nodes that are open."""
    return e.StallRecorded(
        effective_at=clock.due_at,
        stall_id=stall_id(deal, clock.name, clock),
        clock=clock.name,
        stage=clock.stage,
        visit=clock.visit,
        episode=clock.episode,
        since=clock.started_at,
        limit=clock.limit,
        missing=missing,
        node=clock.node,
    )


def stalls_ended(deal: Deal, at: datetime, how: e.StallEnd) -> tuple[e.StallEnded, ...]:
    """The end of every open stall, never before its deadline; a move ends only those of the visit."""
    return tuple(
        stall_ended(stall, at, how)
        for stall in deal.open_stalls
        if how != "moved" or "visit" in kind_of(stall.clock).named_by
    )


def stall_ended(stall: OpenStall, at: datetime, how: e.StallEnd) -> e.StallEnded:
    """The end of this stall, never before its deadline."""
    return e.StallEnded(effective_at=max(at, stall.due_at), stall_id=stall.id, how=how)
