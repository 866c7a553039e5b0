"""For whom something is read: what is not theirs to see is not there, and no answer hints at it."""

from dataclasses import dataclass
from datetime import datetime

from dealflow.application.ports.store import EventUnreadable, StoreReader
from dealflow.domain.deal.evolve import fold, last_known
from dealflow.domain.deal.state import Deal
from dealflow.domain.deal.stream import DEAL_STREAMS, deal_of, stream_of
from dealflow.domain.decide.permission import sees_deal
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.people.sight import sees_all, sees_deals_of
from dealflow.domain.values.refusal import Code, CommandRefused, Reason, refuse
from dealflow.domain.values.suggest import nearest

# So many near names that the reader may not know of are passed over before none is suggested.
_TRIES = 5
# What a refusal says of the deal, of other deals and of evidence.
_NAMES = ("first", "deal", "elsewhere", "pieces", "known", "who_may", "in_force")


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody of people.yaml, with the organisation and the instant of the reading; None is the system itself."""

    person: str | None
    organisation: Organisation
    at: datetime

    def sees(self, deal: Deal) -> bool:
        """Whether the deal is there for this reader."""
        return self.sees_all or (self.person is not None and sees_deal(self.person, deal, self.organisation, self.at))

    def sees_deals_of(self, owner: str | None) -> bool:
        """Whether every deal of this owner is, also one that cannot be read."""
        return self.sees_all or (
            self.person is not None and sees_deals_of(self.person, owner, self.organisation, self.at)
        )

    @property
    def sees_all(self) -> bool:
        """Whether every deal is."""
        return self.person is None or sees_all(self.person, self.organisation)

    def not_there(self, store: StoreReader, deal_id: str) -> CommandRefused:
        """The refusal of a deal that is not there for this reader, with the nearest that is: the same for either reason."""
        known = [deal_of(stream) for stream in store.streams(DEAL_STREAMS)]
        return refuse(Code.UNKNOWN_DEAL, deal_id, given=deal_id, suggestion=self._nearest(store, deal_id, known))

    def _nearest(self, store: StoreReader, deal_id: str, known: list[str]) -> str | None:
        known = [each for each in known if each != deal_id]
        for _ in range(_TRIES):
            found = nearest(deal_id, known)
            if found is None or self.sees_all:
                return found
            deal = fold(store.load(stream_of(found)))
            if deal is not None and self.sees(deal):
                return found
            known.remove(found)
        return None

    def told(self, refused: CommandRefused, store: StoreReader) -> CommandRefused:
        """The refusal without the evidence of another deal that this reader does not see."""
        if self.sees_all:
            return refused
        return CommandRefused(*(self.reason_told(reason, store) for reason in refused.reasons))

    def reason_told(self, reason: Reason, store: StoreReader) -> Reason:
        """The same of one reason, in a refusal or an answer; `deal` and `elsewhere` are the deals that it names."""
        named = [reason.data.get("deal"), *(reason.data.get("elsewhere") or ())]
        hidden = any(self.hides(deal_id, store) for deal_id in named if isinstance(deal_id, str))
        return _without_names(reason) if hidden else reason

    def hides(self, deal_id: str, store: StoreReader) -> bool:
        """Whether there is such a deal, and not for this reader; one that cannot be read is there for who sees all."""
        if self.sees_all:
            return False
        try:
            deal = last_known(store.load(stream_of(deal_id)))
        except EventUnreadable:
            return True
        return deal is not None and not self.sees(deal)


def without_names(refused: CommandRefused) -> CommandRefused:
    """The refusal for somebody who may act on the deal and does not see it: what they gave, and nothing of the deal."""
    return CommandRefused(*(_without_names(reason) for reason in refused.reasons))


def _without_names(reason: Reason) -> Reason:
    data = {name: value for name, value in reason.data.items() if name not in _NAMES}
    return Reason(code=reason.code, place=reason.place, data=data)
