"""What the store says of who holds the values that may stand once, against what the deals say."""

from collections.abc import Sequence

from dealflow.application.audit.stream_checks import Finding, finding
from dealflow.application.engine.held import HeldDifference
from dealflow.domain.deal.stream import stream_of
from dealflow.domain.track.unique_values import ValueHolder
from dealflow.domain.values.phrase import Phrase, phrase


def value_fault(difference: HeldDifference) -> Finding:
    """A value that could be recorded twice, or that is refused without reason."""
    stored, right = difference.stored.holders, difference.right
    first = min((*stored, *right))
    says = phrase(
        "a value that may stand once is held by {stored} as the store has it, and by {right} as the deals have it",
        stored=_named(stored),
        right=_named(right),
    )
    return finding("value", stream_of(first.deal), says, phrase("put it right with `dealflow store reindex`"))


def _named(holders: Sequence[ValueHolder]) -> Phrase | str:
    return ", ".join(f"{one.evidence} ({one.deal})" for one in holders) or phrase("nobody")
