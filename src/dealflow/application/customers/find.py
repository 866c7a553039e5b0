"""The customer that is meant: by their own id, or by the id of another system."""

from dataclasses import dataclass

from dealflow.application.customers.erase import has_personal
from dealflow.application.customers.linked_ids import holder_of
from dealflow.application.merged_customers import goes_on_as
from dealflow.application.ports.external_ids import ExternalIds
from dealflow.application.ports.keys import CustomerKeys
from dealflow.application.ports.store import EventStore
from dealflow.application.reading.board import Board, DealQuery
from dealflow.domain.customer.commands import EXTERNAL_SYSTEMS
from dealflow.domain.customer.decide import external_value
from dealflow.domain.customer.stream import CUSTOMER_STREAMS, customer_of_stream, customer_stream
from dealflow.domain.values.refusal import Code, refuse
from dealflow.domain.values.suggest import nearest
from dealflow.domain.values.text.spelling import normal_id


@dataclass(frozen=True, slots=True)
class FindCustomers:
    """Finds customers of streams and of deals.

    A customer is there for whoever sees a deal of theirs, and one without any deal for everyone; from all others they are
    hidden. One whose deals were all taken back is there for whoever sees all: what is personal of them can be erased.
    `board` has the deals that whoever asks may see, `everything` all. `suggests`: a name that is not known gets the nearest.
    """

    store: EventStore
    external_ids: ExternalIds
    board: Board
    everything: Board
    keys: CustomerKeys
    sees_all: bool
    suggests: bool = True

    def meant(self, given: str) -> str:
        """The id of the customer, in the spelling on record: an id, or such as `wecom:ID`; CommandRefused where there is none.

        Where the customer was merged into another, still their own id.
        """
        for each in dict.fromkeys((given, normal_id(given))):
            if self.is_there(each):
                return each
        system, colon, value = given.strip().partition(":")
        for known in EXTERNAL_SYSTEMS:
            if colon and system == known:
                found = holder_of(self.store, self.external_ids, known, external_value(value))
                if found is not None and self.is_there(found):
                    return found
                # The id is personal, and no message repeats it.
                raise refuse(Code.UNKNOWN_EXTERNAL_ID, known)
        near = nearest(given, self.all_ids()) if self.suggests else None
        raise refuse(Code.UNKNOWN_CUSTOMER, given, given=given, suggestion=near)

    def current(self, given: str) -> str:
        """The same, as who they are now."""
        return goes_on_as(self.store, self.meant(given))

    def is_there(self, customer_id: str) -> bool:
        """Whether the customer with this very id is there for whoever asks."""
        wanted = DealQuery(customer=goes_on_as(self.store, customer_id), limit=1)
        if self.board.deals(wanted):
            return True
        if self.store.load(customer_stream(customer_id)):
            return not self.hides(customer_id)
        return self.sees_all and has_personal(self.keys, customer_id)

    def hides(self, customer_id: str) -> bool:
        """Whether there is such a customer, with deals of which whoever asks sees none: they change nothing of the customer."""
        wanted = DealQuery(customer=goes_on_as(self.store, customer_id), limit=1)
        return not self.sees_all and bool(self.everything.deals(wanted)) and not self.board.deals(wanted)

    def all_ids(self) -> list[str]:
        """Of streams and of deals, each once, by id; who was merged into another is there as that one is."""
        streams = [customer_of_stream(stream) for stream in self.store.streams(CUSTOMER_STREAMS)]
        theirs = {*self.board.customers()}
        if self.sees_all:
            return sorted({*streams, *theirs})
        others = {*self.everything.customers()} - theirs
        return sorted({*theirs, *(each for each in streams if goes_on_as(self.store, each) not in others)})
