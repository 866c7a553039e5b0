"""What other people mean for what is there: deals in progress whose owner is nobody, people left alone, tokens good again."""

from collections.abc import Iterable
from datetime import datetime

from dealflow.application.ports.store import EventStore
from dealflow.application.reading.board import Board, DealQuery
from dealflow.application.tokens.known import all_tokens
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.values.frozen import Frozen

_FIRST = 3


class OwnerGone(Frozen):
    """An owner who is not among the people: how many deals in progress, and the first of these that the reader sees."""

    owner: str
    deals: int
    first: tuple[str, ...] = ()


class TokenAgain(Frozen):
    """A token that is good again, since its person is back."""

    token_id: str
    person: str
    label: str


class PeopleChange(Frozen):
    """What a version of the people brought; `left_alone` had somebody above before, and have nobody now."""

    owners_gone: tuple[OwnerGone, ...] = ()
    left_alone: tuple[str, ...] = ()
    tokens_again: tuple[TokenAgain, ...] = ()


def change_of(
    before: Organisation | None,
    people: Organisation,
    store: EventStore,
    now: datetime,
    owners: Iterable[str | None],
    seen: Board,
    everything: Board,
) -> PeopleChange:
    """What these people mean. `owners` are all of deals in progress; `seen` is the board of whoever reads."""
    gone = tuple(_gone(owner, seen, everything) for owner in sorted(_missing(owners, people)))
    if before is None:
        return PeopleChange(owners_gone=gone)
    return PeopleChange(
        owners_gone=gone, left_alone=_left_alone(before, people), tokens_again=_tokens_again(store, before, people, now)
    )


def _missing(owners: Iterable[str | None], people: Organisation) -> set[str]:
    return {owner for owner in owners if owner is not None and owner not in people.people}


def _gone(owner: str, seen: Board, everything: Board) -> OwnerGone:
    rows = seen.deals(DealQuery(owner=owner, in_progress=True, limit=_FIRST))
    deals = everything.count_deals(DealQuery(owner=owner, in_progress=True))
    return OwnerGone(owner=owner, deals=deals, first=tuple(row.deal_id for row in rows))


def _left_alone(before: Organisation, people: Organisation) -> tuple[str, ...]:
    both = sorted(before.people.keys() & people.people.keys())
    return tuple(person for person in both if any(before.above(person)) and not any(people.above(person)))


def _tokens_again(
    store: EventStore, before: Organisation, people: Organisation, now: datetime
) -> tuple[TokenAgain, ...]:
    back = people.people.keys() - before.people.keys()
    held = [known for known in all_tokens(store) if known.person in back and known.holds(now)]
    held.sort(key=lambda known: (known.person, known.id))
    return tuple(TokenAgain(token_id=known.id, person=known.person, label=known.label) for known in held)
