"""A deal as its stream has it: read once for deciding, appending and answering."""

from dataclasses import dataclass

from dealflow.application.ports.store import Conflict, StoreReader, Stream
from dealflow.domain.deal.evolve import fold
from dealflow.domain.deal.state import Deal
from dealflow.domain.deal.stream import DEAL_STREAMS, deal_of
from dealflow.domain.values.refusal import Code, CommandRefused, refuse
from dealflow.domain.values.suggest import nearest


@dataclass(frozen=True, slots=True)
class LoadedDeal:
    """One reading of a deal's stream; `deal` is None where nobody has opened it."""

    id: str
    stream: Stream
    deal: Deal | None


def loaded(deal_id: str, stream: Stream) -> LoadedDeal:
    """The deal of this stream."""
    return LoadedDeal(deal_id, stream, fold(stream))


def unknown_deal(store: StoreReader, deal_id: str) -> CommandRefused | Conflict:
    """The refusal of a deal that is not there, with the nearest that is; Conflict when it was opened meanwhile."""
    known = [deal_of(stream) for stream in store.streams(DEAL_STREAMS)]
    if deal_id in known:
        return Conflict(deal_id)
    return refuse(Code.UNKNOWN_DEAL, deal_id, given=deal_id, suggestion=nearest(deal_id, known))
