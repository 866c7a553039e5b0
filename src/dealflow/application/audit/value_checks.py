"""What rows that follow from the events say, against the events: holders of values, ids of other systems, keys."""

from collections.abc import Sequence

from dealflow.application.audit.stream_checks import Finding, finding
from dealflow.application.engine.held import HeldDifference
from dealflow.application.ports.external_ids import IdDifference
from dealflow.application.ports.key_rows import KeyDifference
from dealflow.domain.customer.stream import customer_stream
from dealflow.domain.deal.stream import stream_of
from dealflow.domain.track.unique_values import ValueHolder
from dealflow.domain.values.phrase import Phrase, phrase

_REINDEX = phrase("put it right with `dealflow store reindex`")


def value_fault(difference: HeldDifference) -> Finding:
    """A value that could be recorded twice, or that is refused without reason."""
    stored, right = difference.stored.holders, difference.right
    first = min((*stored, *right))
    says = phrase(
        "a value that may stand once is held by {stored} as the store has it, and by {right} as the deals have it",
        stored=_named(stored),
        right=_named(right),
    )
    return finding("value", stream_of(first.deal), says, _REINDEX)


def id_fault(difference: IdDifference) -> Finding:
    """An id of another system by which evidence would go to another customer, or to nobody."""
    # A damaged row may say anything.
    stored, right = None if difference.stored is None else str(difference.stored), difference.right
    if right is None:
        says = phrase("a row says that customer {stored} has an id of another system, and no event does", stored=stored)
    elif stored is None:
        says = phrase(
            "the row by which customer {right} is found from an id of another system is not there", right=right
        )
    else:
        says = phrase(
            "an id of another system is that of customer {right} by the events, and of {stored} by its row",
            right=right,
            stored=stored,
        )
    return finding("customer", customer_stream(right or str(stored)), says, _REINDEX)


def key_fault(difference: KeyDifference) -> Finding:
    """A row of a key that is not as it must be."""
    says, stream = difference.says, difference.stream
    if not stream:
        return Finding(check="keys", says=says, do=_REINDEX)
    return finding("keys", stream, says, _REINDEX, difference.version)


def not_compared(problem: Phrase) -> Finding:
    """Rows that cannot be compared with the events while a key is missing."""
    says = phrase("ids of other systems cannot be compared with the events: {problem}", problem=problem)
    return Finding(check="customer", says=says, do=phrase("put the keys back, and look again"))


def _named(holders: Sequence[ValueHolder]) -> Phrase | str:
    return ", ".join(f"{one.evidence} ({one.deal})" for one in holders) or phrase("nobody")
