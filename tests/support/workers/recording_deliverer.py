"""A deliverer that keeps what it was given, and fails where a test says so."""

from collections.abc import Callable
from dataclasses import dataclass, field

from dealflow.application.notices.deliver import Undelivered
from dealflow.domain.escalation.notice import Message
from dealflow.domain.people.organisation import Channel, Person


@dataclass(frozen=True)
class Sent:
    person: str
    channel: str
    key: str
    subject: str
    body: str


@dataclass
class RecordingDeliverer:
    """`fault` gives the error for a channel and a message, None when it goes out."""

    channels: tuple[str, ...] = ("mail", "chat")
    fault: Callable[[str, Message], Exception | None] = lambda channel, message: None
    sent: list[Sent] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)

    def channels_of(self, person: Person) -> tuple[Channel, ...]:
        return tuple(Channel(id=name, url=f"{name}:") for name in self.channels)

    def send(self, person: Person, channel: Channel, message: Message, key: str) -> None:
        self.tried.append(key)
        if error := self.fault(channel.id, message):
            raise error
        self.sent.append(Sent(person.id, channel.id, key, message.subject, message.body))


PERMANENT = Undelivered("no such address", permanent=True)
TEMPORARY = Undelivered("does not answer", permanent=False)
