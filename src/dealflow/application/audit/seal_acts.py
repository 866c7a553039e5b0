"""The path of a command about the seal: another key, or a new beginning, each on record with who, when and why."""

from collections.abc import Callable
from dataclasses import dataclass

from dealflow.application.audit.sealed import Sealing
from dealflow.application.commands.answers import SealDone
from dealflow.application.ports.clock import UtcClock
from dealflow.application.ports.store import Append, CommandRepeated, Conflict, EventStore, Stream
from dealflow.application.repeated import Asked, first_answer
from dealflow.application.stamps import CommandOrigin, stamped
from dealflow.domain.customer.stream import KEYS_STREAM
from dealflow.domain.deal.events import SealedAnew, SealRotated
from dealflow.domain.decide.checks import reason as checked_reason
from dealflow.domain.decide.permission import must_be_permitted_in_store
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.seal.commands import RotateSeal, SealAnew, SealEnvelope
from dealflow.domain.values.refusal import Code, refuse

_TRIES = 20


@dataclass(frozen=True, slots=True)
class SealActs:
    """Commands about the seal; `file` is where its keys are, for a refusal."""

    store: EventStore
    sealing: Sealing
    people: Callable[[], Organisation]
    clock: UtcClock
    file: str

    def handle(self, envelope: SealEnvelope) -> SealDone:
        """Carry out a command once; sent again it gives the same answer, and finishes what was cut short. Raise CommandRefused."""
        must_be_permitted_in_store("store", envelope.who, self.people())
        asked = Asked(envelope)
        for _ in range(_TRIES):
            earlier = first_answer(
                self.store, envelope.who, envelope.command_id, lambda row: asked.is_of(row, lambda *_: None), SealDone
            )
            if earlier:
                done = earlier.model_copy(update={"repeated": True})
            else:
                try:
                    done = self._carried_out(envelope, asked)
                except (Conflict, CommandRepeated):
                    continue
            if SealRotated.topic in done.seal_facts:
                self.sealing.rotate_to(done.key)
            return done
        raise Conflict(KEYS_STREAM)

    def _carried_out(self, envelope: SealEnvelope, asked: Asked) -> SealDone:
        [command] = envelope.commands
        before = self.store.load(KEYS_STREAM)
        match command:
            case RotateSeal():
                reason = checked_reason(command.reason) if command.reason else ""
                # The record comes first: a key that seals without one could not be told from somebody's own.
                return self._append(envelope, asked, before, SealRotated, self.sealing.new_key(), reason)
            case SealAnew():
                reason = checked_reason(command.reason)
                return self._append(envelope, asked, before, SealedAnew, self._begun(before, reason), reason)

    def _begun(self, before: Stream, reason: str) -> str:
        """The key of the new beginning, which is made unless it was and only its record is missing."""
        state = self.sealing.state()
        if not state.is_here or state.is_gone:
            return self.sealing.begin_anew(reason).key_id
        is_on_record = any(getattr(each.fact, "key", "") == state.key_id for each in before)
        if state.begun is None or state.begun.reason != reason or is_on_record:
            raise refuse(Code.SEAL_STANDS, self.file, key=state.key_id)
        return state.key_id

    def _append(
        self,
        envelope: SealEnvelope,
        asked: Asked,
        before: Stream,
        kind: type[SealRotated | SealedAnew],
        key: str,
        reason: str,
    ) -> SealDone:
        now = self.clock.now()
        at = max(now, before[-1].stamp.recorded_at) if before else now
        fact = kind(effective_at=at, key=key, reason=reason)
        done = SealDone(command_id=envelope.command_id, key=key, version=len(before) + 1, seal_facts=(fact.topic,))
        facts = stamped([fact], len(before), CommandOrigin(envelope.who, envelope.command_id, at))
        row = asked.row(done.model_dump_json(), [fact])
        append = Append(KEYS_STREAM, len(before), facts, subject=KEYS_STREAM, command=row, head=before.head)
        self.store.append([append])
        return done
