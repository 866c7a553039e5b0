"""The deal that is meant, as its stream has it: read once for deciding, appending and answering."""

from dataclasses import dataclass

from dealflow.application.ports.store import Conflict, StoreReader, Stream
from dealflow.application.viewer import Viewer
from dealflow.domain.deal.commands import Envelope
from dealflow.domain.deal.evolve import fold
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


def loaded(deal_id: str, stream: Stream) -> LoadedDeal:
    """The deal of this stream."""
    return LoadedDeal(deal_id, stream, fold(stream))


def unknown_deal(store: StoreReader, deal_id: str, viewer: Viewer) -> CommandRefused | Conflict:
    """The refusal of a deal that nobody has opened, with the nearest; Conflict when it was opened meanwhile."""
    return (
        Conflict(deal_id)
        if stream_of(deal_id) in store.streams(stream_of(deal_id))
        else viewer.not_there(store, deal_id)
    )


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
