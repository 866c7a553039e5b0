"""The tokens on record: the one that is presented, and those that a reader is told of."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pydantic import AwareDatetime

from dealflow.application.ports.store import EventStore, EventUnreadable, Stream
from dealflow.domain.decide.checks import unknown
from dealflow.domain.decide.permission import must_act_as
from dealflow.domain.people.actor import Who
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.people.rights import RightsAct
from dealflow.domain.token.decide import sees_tokens_of
from dealflow.domain.token.secret import TokenUnreadable, read_token
from dealflow.domain.token.state import KnownToken, token_after
from dealflow.domain.token.stream import TOKEN_STREAMS, token_stream
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.phrase import Phrase, phrase
from dealflow.domain.values.refusal import Code, CommandRefused, refuse
from dealflow.domain.values.suggest import nearest


class TokenRow(Frozen):
    """One token, for those who may know of it. `only`: what it is good for.

    `state` is `holds`, `expired`, `revoked`, or `person_gone`: its person is not among the people, and it is good for nothing
    until they are again.
    """

    token_id: str
    person: str
    label: str
    state: str
    only: tuple[RightsAct, ...] = ()
    created_at: AwareDatetime
    created_by: str
    created_for: str | None = None
    created_by_token: str | None = None
    expires_at: AwareDatetime | None = None
    revoked_at: AwareDatetime | None = None
    revoked_by: str | None = None
    reason: str = ""


class TokenPage(Frozen):
    """The newest first, at most as many as were wanted, of `total`; `unreadable` are ids of which nothing can be read."""

    total: int
    tokens: tuple[TokenRow, ...]
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecogniseTokens:
    """Says whose a token is; `now` is the store's clock, which no caller sets."""

    store: EventStore
    people: Callable[[], Organisation]
    now: Callable[[], datetime]

    def recognise(self, given: str, place: str) -> KnownToken:
        """The token that was given at this place, if it holds; CommandRefused with the reason, which repeats nothing of it.

        Whether there is a token of that id is told to nobody who does not have it whole.
        """
        try:
            written = read_token(given)
        except TokenUnreadable as error:
            raise refuse(Code.TOKEN_REFUSED, place, wrong=error.wrong) from None
        known = token_after(self.store.load(token_stream(written.id)))
        # Compared in any case, so that the time it takes says nothing either.
        if not hmac.compare_digest(known.digest if known else "", written.digest) or known is None:
            raise self._refused(place, phrase("this store does not know it; it may be another store's"))
        if known.revoked_at is not None:
            raise self._refused(place, phrase("it was revoked on {at}", at=known.revoked_at))
        if known.has_expired(self.now()):
            raise self._refused(place, phrase("it expired on {at}", at=known.expires_at))
        people = self.people()
        if people.declared and known.person not in people.people:
            raise self._refused(place, phrase("its person is not among the people of this store any more"))
        return known

    @staticmethod
    def _refused(place: str, wrong: Phrase) -> CommandRefused:
        return refuse(Code.TOKEN_REFUSED, place, wrong=wrong)


def list_tokens(
    store: EventStore,
    who: Who,
    organisation: Organisation,
    now: datetime,
    *,
    person: str | None = None,
    ended: bool = False,
    limit: int | None = None,
) -> TokenPage:
    """Those that the reader may know of: their own, and all for operations and auditors; `ended`: also what holds no more."""
    must_act_as(who, organisation)
    unreadable: list[str] = []
    is_known = person is None or not organisation.declared or person in organisation.people
    found = [
        known
        for known in all_tokens(store, unreadable)
        if sees_tokens_of(known.person, who.person, organisation)
        and person in (None, known.person)
        and (ended or known.holds(now))
    ]
    if person is not None and not found and not is_known:
        raise unknown(Code.UNKNOWN_PERSON, person, organisation.people)
    found.sort(key=lambda known: (known.created_at, known.id), reverse=True)
    return TokenPage(
        total=len(found),
        tokens=tuple(_row(known, now, organisation) for known in found[:limit]),
        unreadable=tuple(unreadable),
    )


def all_tokens(store: EventStore, unreadable: list[str] | None = None) -> list[KnownToken]:
    """Every token of the store; one that cannot be read opens nothing, and is put among the unreadable."""
    streams = store.streams(TOKEN_STREAMS)
    loaded: dict[str, Stream] = {}
    while streams:
        try:
            loaded = store.load_many(streams)
            break
        except EventUnreadable as error:
            streams = [each for each in streams if each != error.stream]
            if unreadable is not None:
                unreadable.append(error.stream.removeprefix(TOKEN_STREAMS))
    return [known for events in loaded.values() if (known := token_after(events)) is not None]


def near_token(refused: CommandRefused, store: EventStore, viewer: str, organisation: Organisation) -> CommandRefused:
    """The refusal of an unknown token, with the nearest that the reader may know of."""
    [reason] = refused.reasons
    if reason.code is not Code.UNKNOWN_TOKEN:
        return refused
    known = [one.id for one in all_tokens(store) if sees_tokens_of(one.person, viewer, organisation)]
    return CommandRefused(reason.model_copy(update={"suggestion": nearest(reason.place, known)}))


def _state(known: KnownToken, now: datetime, organisation: Organisation) -> str:
    if known.revoked_at:
        return "revoked"
    if known.has_expired(now):
        return "expired"
    return "person_gone" if organisation.declared and known.person not in organisation.people else "holds"


def _row(known: KnownToken, now: datetime, organisation: Organisation) -> TokenRow:
    return TokenRow(
        token_id=known.id,
        person=known.person,
        label=known.label,
        state=_state(known, now, organisation),
        only=known.only,
        created_at=known.created_at,
        created_by=known.created_by,
        created_for=known.created_for,
        created_by_token=known.created_by_token,
        expires_at=known.expires_at,
        revoked_at=known.revoked_at,
        revoked_by=known.revoked_by,
        reason=known.reason,
    )
