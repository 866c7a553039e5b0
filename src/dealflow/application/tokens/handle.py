"""The path of a command to a token: make it or make it worthless, and answer."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from dealflow.application.commands.answers import TokenDone
from dealflow.application.ports.clock import UtcClock
from dealflow.application.ports.store import Append, CommandRepeated, Conflict, EventStore, Stream
from dealflow.application.repeated import Asked, KeyedDigest, first_answer
from dealflow.application.stamps import CommandOrigin, stamped
from dealflow.application.tokens.known import all_tokens, near_token
from dealflow.domain.deal.events import TokenCreated, TokenRevoked
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.token import commands as c
from dealflow.domain.token import secret as s
from dealflow.domain.token.decide import decide_new_token, decide_revoked, must_be_let_create
from dealflow.domain.token.state import KnownToken, token_after
from dealflow.domain.token.stream import token_stream
from dealflow.domain.values.refusal import Code, CommandRefused, refuse
from dealflow.observability.logs import Log, emit

_TRIES = 20


@dataclass(frozen=True, slots=True)
class TokenMade:
    """What came of a command, and the new token where there is one: it is nowhere else, and in no text of this object."""

    done: TokenDone
    token: str | None = field(default=None, repr=False)


class Tokens:
    """Commands to tokens; safe to use from several threads and processes at once."""

    def __init__(
        self, store: EventStore, people: Callable[[], Organisation], clock: UtcClock, fingerprint: KeyedDigest
    ) -> None:
        self._store, self._people, self._clock, self._fingerprint = store, people, clock, fingerprint

    def handle(self, envelope: c.TokenEnvelope) -> TokenMade:
        """Carry out a command once. Raise CommandRefused, and nothing has changed.

        Sent again it gives the same answer; a token that was made is not shown a second time, since nobody keeps it.
        """
        asked = Asked(envelope)
        for _ in range(_TRIES):
            if earlier := self._answered(envelope, asked):
                return TokenMade(earlier)
            try:
                made = self._carry_out(envelope, asked)
            except CommandRefused:
                # The very same command may have been carried out since we looked, and that is why ours is refused.
                if earlier := self._answered(envelope, asked):
                    return TokenMade(earlier)
                raise
            except (Conflict, CommandRepeated):
                continue
            done = made.done
            emit(
                Log.TOKEN_CHANGED,
                command=envelope.command_id,
                by=envelope.who.person,
                token=done.token_id,
                facts=list(done.token_facts),
            )
            return made
        raise Conflict(envelope.command_id)

    def _answered(self, envelope: c.TokenEnvelope, asked: Asked) -> TokenDone | None:
        who, command_id, fingerprint = envelope.who, envelope.command_id, self._fingerprint
        earlier = first_answer(self._store, who, command_id, lambda row: asked.is_of(row, fingerprint), TokenDone)
        return earlier.model_copy(update={"repeated": True}) if earlier else None

    def _carry_out(self, envelope: c.TokenEnvelope, asked: Asked) -> TokenMade:
        [command] = envelope.commands
        match command:
            case c.CreateToken():
                return self._created(envelope, command, asked)
            case c.RevokeToken():
                return TokenMade(self._revoked(envelope, command, asked))

    def _created(self, envelope: c.TokenEnvelope, command: c.CreateToken, asked: Asked) -> TokenMade:
        organisation, now = self._people(), self._clock.now()
        must_be_let_create(command, envelope.who, organisation)
        text = s.token_text(_random(s.ID_LETTERS, s.ID_LENGTH), _random(s.SECRET_LETTERS, s.SECRET_LENGTH))
        written = s.read_token(text)
        fact = decide_new_token(command, written, envelope.who, organisation, now)
        return TokenMade(self._append(envelope, asked, Stream(), fact), text)

    def _revoked(self, envelope: c.TokenEnvelope, command: c.RevokeToken, asked: Asked) -> TokenDone:
        organisation, now = self._people(), self._clock.now()
        stream = self._store.load(token_stream(command.token_id))
        known = token_after(stream)
        try:
            if known is None:
                raise refuse(Code.UNKNOWN_TOKEN, command.token_id, given=command.token_id)
            fact = decide_revoked(command, known, envelope.who, organisation, max(now, known.recorded_at))
        except CommandRefused as refused:
            raise near_token(refused, self._store, envelope.who.person, organisation) from refused
        others = (each for each in all_tokens(self._store) if each.created_by_token == known.id)
        return self._append(envelope, asked, stream, fact, known, tuple(o.id for o in others if o.holds(now)))

    def _append(
        self,
        envelope: c.TokenEnvelope,
        asked: Asked,
        before: Stream,
        fact: TokenCreated | TokenRevoked,
        known: KnownToken | None = None,
        made_by_it: Iterable[str] = (),
    ) -> TokenDone:
        of = fact if isinstance(fact, TokenCreated) else known
        assert of is not None
        done = TokenDone(
            command_id=envelope.command_id,
            token_id=fact.token_id,
            person=fact.person,
            label=of.label,
            only=of.only,
            expires_at=of.expires_at,
            version=len(before) + 1,
            token_facts=(fact.topic,),
            made_by_it=tuple(made_by_it),
        )
        stream = token_stream(fact.token_id)
        origin = CommandOrigin(envelope.who, envelope.command_id, fact.effective_at)
        row = asked.row(done.model_dump_json(), [fact])
        facts = stamped([fact], len(before), origin)
        self._store.append([Append(stream, len(before), facts, subject=stream, command=row, head=before.head)])
        return done


def _random(letters: str, length: int) -> str:
    return "".join(secrets.choice(letters) for _ in range(length))
