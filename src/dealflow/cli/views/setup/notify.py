"""A test message to a person, by each of their channels."""

from uuid import uuid4

from dealflow.adapters.clock import SystemClock
from dealflow.adapters.notices.notify import Notifier, TransportError
from dealflow.adapters.people.file import load_people
from dealflow.cli.errors import DONE, NOT_THERE, WrongUsage
from dealflow.cli.output import print_json, reader, say
from dealflow.cli.tables import cell
from dealflow.domain.decide import checks
from dealflow.domain.escalation.notice import Message, channel_key
from dealflow.domain.people.organisation import Channel, Person
from dealflow.domain.values.refusal import Code
from dealflow.settings import Settings


def send_test(settings: Settings, person_id: str, channel_id: str | None) -> int:
    """Send, and print what became of it; exit code 3 when a channel did not take it."""
    secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else None
    notifier = Notifier(
        settings.outbox,
        default_channels=settings.default_channels,
        webhook_secret=secret,
        timeout=settings.notify_timeout_seconds,
    )
    person = _person(settings, checks.line(person_id, "person"))
    channels = notifier.channels_of(person)
    if channel_id is not None:
        channels = tuple(channel for channel in channels if channel.id == channel_id)
        if not channels:
            known = ", ".join(channel.id for channel in notifier.channels_of(person))
            raise WrongUsage(f"{person.id} has no channel {channel_id!r}: there is {known}")
    results = [_sent(notifier, person, channel) for channel in channels]
    if reader().json:
        print_json({"person": person.id, "channels": results})
    else:
        for result in results:
            text = "{channel}: delivered" if result["delivered"] else "{channel}: not delivered: {error}"
            say(reader().t(text).format(channel=result["channel"], error=cell(result["error"])))
    return DONE if all(result["delivered"] for result in results) else NOT_THERE


def _person(settings: Settings, person_id: str) -> Person:
    organisation = load_people(settings.people)
    if not organisation.declared:
        return Person(id=person_id, name=person_id)
    if person_id not in organisation.people:
        raise checks.unknown(Code.UNKNOWN_PERSON, person_id, organisation.people)
    return organisation.people[person_id]


def _sent(notifier: Notifier, person: Person, channel: Channel) -> dict[str, object]:
    message = Message(
        subject="dealflow: a test message",
        body=f"This is a test of the channel '{channel.id}' of {person.name}. Nothing is to be done.",
        at=SystemClock().now(),
    )
    try:
        notifier.send(person, channel, message, channel_key(f"test/{uuid4()}", channel.id))
    except TransportError as error:
        return {"channel": channel.id, "delivered": False, "error": str(error), "permanent": error.permanent}
    return {"channel": channel.id, "delivered": True, "error": None, "permanent": None}
