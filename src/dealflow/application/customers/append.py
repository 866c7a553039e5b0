"""From decided facts of customers to what is written in one transaction."""

from collections.abc import Sequence
from datetime import datetime

from dealflow.application.commands.answers import CustomerDone
from dealflow.application.ports.store import Append, HeldBy, Stream
from dealflow.application.repeated import Asked
from dealflow.application.stamps import CommandOrigin, stamped
from dealflow.domain.customer.commands import CustomerEnvelope
from dealflow.domain.customer.stream import customer_of_stream
from dealflow.domain.deal.events import Fact


class CustomerAppends:
    """Builds the appends of one command: of the customer's own stream with the command's row, and of others beside it."""

    def __init__(self, envelope: CustomerEnvelope, asked: Asked, own: Stream, now: datetime) -> None:
        self._envelope, self._asked, self._own = envelope, asked, own
        self.at = max(now, own[-1].stamp.recorded_at) if own else now

    def own(self, stream: str, facts: Sequence[Fact], done: CustomerDone, held: tuple[HeldBy, ...] = ()) -> Append:
        """The customer's own, with what is answered, and with values of their deals that change hands."""
        row = self._asked.row(done.model_dump_json(), facts)
        origin = CommandOrigin(self._envelope.who, self._envelope.command_id, self.at)
        recorded = stamped(facts, len(self._own), origin)
        return Append(
            stream, len(self._own), recorded, customer_of_stream(stream), command=row, held=held, head=self._own.head
        )

    def other(self, stream: str, before: Stream, facts: Sequence[Fact]) -> Append:
        """That of another customer who has to do with it."""
        at = max(self.at, before[-1].stamp.recorded_at) if before else self.at
        recorded = stamped(facts, len(before), self.beside("into", at))
        return Append(stream, len(before), recorded, customer_of_stream(stream), head=before.head)

    def beside(self, part: str, at: datetime) -> CommandOrigin:
        """Of what the command comes to in the stream of this deal or customer."""
        command_id = self._envelope.command_id
        return CommandOrigin(
            self._envelope.who,
            f"{command_id}/{part}",
            at,
            correlation_id=command_id,
            cause=f"customer:{self._envelope.customer_id}",
        )
