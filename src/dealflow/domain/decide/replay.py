"""History through the same rules: acts of the past in time order, with the deadlines that lay between them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from dealflow.domain.deal.commands import Command, OpenDeal
from dealflow.domain.deal.context import Mode
from dealflow.domain.deal.draft import Draft
from dealflow.domain.deal.events import DatesCorrected, Fact
from dealflow.domain.deal.replace import replace
from dealflow.domain.decide.dispatch import decide
from dealflow.domain.decide.progress import record_due
from dealflow.domain.escalation.ladder import escalate
from dealflow.domain.escalation.proof_lost import tell_of_lost_proofs
from dealflow.domain.track.transition import entered

Dated = tuple[datetime, Command]


def replay(
    draft: Draft,
    acts: Sequence[Dated],
    until: datetime,
    found: Sequence[Fact] = (),
    first: Sequence[Fact] = (),
) -> Draft:
    """Fold these acts into the draft, with every deadline up to `until`, and then what else was `found`; return it.

    What still stalls is raised as backlog.

    `first` are corrected dates, behind which the acts are told anew.
    Acts of one instant are folded together in the order given, the opening first; a deadline comes before acts of the
    same instant.
    """
    context = draft.context
    if first:
        draft.add(*first)
        _stand_again(draft, first)
    for instant, commands in by_instant(acts):
        draft.context = replace(context, at=instant, mode=Mode.PAST)
        record_due(draft)
        decide(draft, commands)
        record_due(draft)
    draft.context = replace(context, at=until, mode=Mode.PAST)
    record_due(draft)
    if found:
        decide(draft, (), found)
    draft.context = replace(context, at=until, mode=Mode.CATCH_UP)
    tell_of_lost_proofs(draft)
    escalate(draft)
    return draft


def _stand_again(draft: Draft, first: Sequence[Fact]) -> None:
    """The visit that is told anew begins with its clocks; its gate may be met by what is on record since."""
    deal = draft.deal
    if deal.in_progress and any(isinstance(fact, DatesCorrected) and fact.to_visit is not None for fact in first):
        draft.context = replace(draft.context, at=deal.entered_at, mode=Mode.PAST)
        entered(draft)


def by_instant(acts: Sequence[Dated]) -> Iterator[tuple[datetime, list[Command]]]:
    """The acts that are judged together, in time order."""
    opened = min((at for at, command in acts if isinstance(command, OpenDeal)), default=None)

    def when(act: Dated) -> tuple[datetime, bool]:
        # An act older than the deal is judged when the deal opens, and keeps its own date.
        return (max(act[0], opened) if opened else act[0]), not isinstance(act[1], OpenDeal)

    ordered = sorted(acts, key=when)  # stable: equal instants keep the order given
    for instant, group in groupby(ordered, key=lambda act: when(act)[0]):
        yield instant, [command for _, command in group]
