"""Whether a waiting notice is still to be told, asked of its deal as it stands."""

from dealflow.application.ports.store import EventUnreadable, StoreReader
from dealflow.application.processes.registry import Processes
from dealflow.domain.deal.evolve import fold
from dealflow.domain.deal.stream import stream_of
from dealflow.domain.escalation.concern import TAKEN_BACK, why_superseded
from dealflow.domain.escalation.notice import Notice
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.values.refusal import CommandRefused


class Superseded:
    """Says of a notice why it is not to be told any more; one whose deal cannot be read is told as it was written."""

    def __init__(self, store: StoreReader, processes: Processes) -> None:
        self._store, self._processes = store, processes

    def __call__(self, notice: Notice, organisation: Organisation) -> str | None:
        """None while it is to be told; raise StoreUnreachable."""
        try:
            stream = self._store.load(stream_of(notice.deal_id))
            deal = fold(stream)
            process = self._processes.get(deal.process).definition if deal else None
        except (EventUnreadable, CommandRefused):
            return None
        if deal is None or process is None:
            return TAKEN_BACK if stream else None
        return why_superseded(notice, deal, process, organisation)
