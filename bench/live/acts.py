"""Acts of a log given one instant after the other, each observed when it is given; they come to what a replay of them comes to."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from dealflow.domain.deal.commands import Command
from dealflow.domain.deal.context import Context
from dealflow.domain.deal.events import DealClosed, DealWon
from dealflow.domain.deal.state import Deal
from dealflow.domain.decide.progress import progress
from dealflow.domain.decide.replay import Dated, by_instant

_DATES = ("opened_at", "observed_at")


def undated(acts: Sequence[Dated]) -> Iterator[tuple[datetime, tuple[Command, ...]]]:
    """What a replay folds together, in time order and without dates of its own: each fact is observed when it is given."""
    for instant, commands in by_instant(acts):
        yield instant, tuple(_undated(command) for command in commands)


def _undated(command: Command) -> Command:
    dates = dict.fromkeys(name for name in _DATES if getattr(command, name, None) is not None)
    return command.model_copy(update=dates) if dates else command


def must_be_moved_first(deal: Deal, context: Context) -> bool:
    """Whether what is due wins the deal or ends its life.

    A replay makes that transition between two instants. A later fact that is recorded before it would count for the win, or
    reach a node, instead of being history. Every other transition comes to the same before and after such a fact.
    """
    return any(isinstance(fact, DealWon | DealClosed) for fact in progress(deal, context))
