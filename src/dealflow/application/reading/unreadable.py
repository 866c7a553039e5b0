"""A deal that a list or a count cannot take in, named beside it, so that none ever disappears."""

from collections.abc import Iterable

from dealflow.application.ports.store import EventUnreadable
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.phrase import Phrase, as_phrase, phrase, phrase_of
from dealflow.domain.values.refusal import CommandRefused


class UnreadableDeal(Frozen):
    """What is wrong with a deal and what there is to do; title and owner are those last known, empty where none are."""

    deal_id: str
    title: str = ""
    owner: str | None = None
    says: Phrase
    do: Phrase


def unreadable(deal_id: str, says: Phrase, *, title: str = "", owner: str | None = None) -> UnreadableDeal:
    """The deal with what is wrong with it, and what there is to do about any such deal."""
    do = phrase("`dealflow doctor --deep` says what is damaged; restore it from a backup, and the deal is back")
    return UnreadableDeal(deal_id=deal_id, title=title, owner=owner, says=says, do=do)


def why_unreadable(error: Exception, process: str = "") -> Phrase:
    """What an error says of a deal; a refusal is of its process, which is not there."""
    if isinstance(error, EventUnreadable):
        return phrase_of(error)
    if isinstance(error, CommandRefused):
        return phrase("its process {process} is not in the store", process=process or error.reasons[0].place)
    return as_phrase(f"{type(error).__name__}: {error}")


def not_opened(stream: str) -> Phrase:
    """What is wrong with a stream that no deal can be made of."""
    return phrase("{stream} has no opening of a deal at its beginning", stream=stream)


def may_be_of(owner: str | None, found: Iterable[UnreadableDeal]) -> tuple[UnreadableDeal, ...]:
    """Those that may belong to a list of this owner's deals; None: to a list of all."""
    return tuple(each for each in found if owner is None or each.owner in (None, owner))
