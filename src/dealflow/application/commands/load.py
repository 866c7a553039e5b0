"""The deal that is meant, as its stream has it: read once for deciding, appending and answering."""

from dataclasses import dataclass
from datetime import datetime

from dealflow.application.ports.store import Conflict, StoreReader, Stream
from dealflow.application.viewer import Viewer
from dealflow.domain.deal.brought import that_count
from dealflow.domain.deal.commands import Envelope
from dealflow.domain.deal.context import Context
from dealflow.domain.deal.draft import Draft
from dealflow.domain.deal.events import ImportUndone, Recorded
from dealflow.domain.deal.evolve import NOTHING_BEHIND, behind, fold, last_known
from dealflow.domain.deal.state import Deal
from dealflow.domain.deal.stream import stream_of
from dealflow.domain.values.ids import DEAL_ID_SHAPE, MAX_DEAL_ID, is_deal_id
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.refusal import Code, CommandRefused, refuse
from dealflow.domain.values.text.spelling import Respelled, normal_id, respelled


@dataclass(frozen=True, slots=True)
class LoadedDeal:
    """One reading of a deal's stream; `deal` is None where nobody has opened it."""

    id: str
    stream: Stream
    deal: Deal | None

    @property
    def version(self) -> int:
        """That of its last event, 0 where there is none."""
        return self.stream[-1].stamp.version if self.stream else 0

    @property
    def counting(self) -> list[Recorded]:
        """The events without those that were taken back."""
        return that_count(self.stream)

    def not_before(self, now: datetime) -> datetime:
        """Now, or the last instant on record where that is later: what is on record has happened."""
        return max(now, self.stream[-1].stamp.recorded_at) if self.stream else now

    def draft(self, context: Context) -> Draft:
        """A decision on it; where the deal was taken back, of its next run."""
        return Draft(self.deal, self.id, context, NOTHING_BEHIND if self.deal else behind(self.stream))


def loaded(deal_id: str, stream: Stream) -> LoadedDeal:
    """The deal of this stream."""
    return LoadedDeal(deal_id, stream, fold(stream))


def unknown_deal(store: StoreReader, before: LoadedDeal, viewer: Viewer) -> CommandRefused | Conflict:
    """The refusal of a deal that is not there, with the nearest; Conflict when it was opened meanwhile.

    Who saw a deal that was taken back hears of that.
    """
    if before.stream:
        known = last_known(before.stream)
        return (
            taken_back(before.id, before.stream) if known and viewer.sees(known) else viewer.not_there(store, before.id)
        )
    is_there = stream_of(before.id) in store.streams(stream_of(before.id))
    return Conflict(before.id) if is_there else viewer.not_there(store, before.id)


def taken_back(deal_id: str, stream: Stream) -> CommandRefused:
    """The refusal of a deal that an import had opened, and that was taken back with it."""
    batches = ((one.fact.batch, one.stamp) for one in reversed(stream) if isinstance(one.fact, ImportUndone))
    batch, stamp = next(batches)
    return refuse(Code.DEAL_TAKEN_BACK, deal_id, batch=batch, at=stamp.recorded_at, deal=deal_id)


def kept_deal_id(given: str, store: StoreReader) -> str:
    """The id of the deal that is meant: the very one where there is such a deal, else in the form that ids have now."""
    kept = normal_id(given)
    return given if kept == given or store.load(stream_of(given)) else kept


def spelled(envelope: Envelope, store: StoreReader) -> tuple[Envelope, tuple[Respelled, ...]]:
    """The envelope with these ids as they are kept, and what was changed; CommandRefused where nothing of an id is left."""
    deal_id = kept_deal_id(envelope.deal_id, store)
    if deal_id != envelope.deal_id and not is_deal_id(deal_id):
        wrong = phrase("'{given}' cannot be an id", given=envelope.deal_id[:MAX_DEAL_ID])
        raise refuse(Code.FIELD_INVALID, "id", wrong=wrong, right=DEAL_ID_SHAPE)
    who = envelope.who
    people = {name: normal_id(given) for name in ("actor", "on_behalf_of") if (given := getattr(who, name)) is not None}
    changes = [respelled("deal", envelope.deal_id, deal_id)]
    changes += [respelled("person", getattr(who, name), kept) for name, kept in people.items()]
    changed = tuple(change for change in changes if change is not None)
    if not changed:
        return envelope, ()
    return envelope.model_copy(update={"deal_id": deal_id, "who": who.model_copy(update=people)}), changed
