"""Whether people can be told: a test message by each channel, and whom no message could ever reach."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import uuid4

from dealflow.application.notices.deliver import Deliverer, Undelivered
from dealflow.domain.decide import checks
from dealflow.domain.escalation.notice import Message, channel_key
from dealflow.domain.people.answering import answering, answering_in_store, free_above
from dealflow.domain.people.organisation import Channel, Organisation, Person
from dealflow.domain.people.rights import STORE_ACTS
from dealflow.domain.values.one_line import one_line
from dealflow.domain.values.phrase import Phrase, phrase, phrase_of
from dealflow.domain.values.refusal import Code


class Channels(Deliverer, Protocol):
    """Sends messages, and knows without sending which address cannot be used from here."""

    def fault_of(self, channel: Channel) -> str | None:
        """Why nothing can be sent from here to this address as it is; None when it can be read."""
        ...


@dataclass(frozen=True, slots=True)
class TriedChannel:
    """What became of a test message; `error` is None where it was delivered."""

    channel: str
    error: str | None = None
    permanent: bool | None = None


def known_person(organisation: Organisation, person_id: str) -> Person:
    """Someone of people.yaml, refused with the nearest name; where there is no such file, anybody."""
    if not organisation.declared:
        return Person(id=person_id, name=person_id)
    if person_id not in organisation.people:
        raise checks.unknown(Code.UNKNOWN_PERSON, person_id, organisation.people)
    return organisation.people[person_id]


def send_tests(
    deliverer: Deliverer, person: Person, channel_id: str | None, at: datetime, say: Callable[[Phrase], str]
) -> list[TriedChannel]:
    """Send a test message by each channel of a person, or by the one that is named; none where there is no such channel.

    `say` speaks the language of the person.
    """
    channels = deliverer.channels_of(person)
    return [_sent(deliverer, person, one, at, say) for one in channels if channel_id in (None, one.id)]


def _sent(
    deliverer: Deliverer, person: Person, channel: Channel, at: datetime, say: Callable[[Phrase], str]
) -> TriedChannel:
    body = phrase(
        "This is a test of the channel '{channel}' of {person}. Nothing is to be done.",
        channel=channel.id,
        person=person.name,
    )
    message = Message(subject=say(phrase("dealflow: a test message")), body=say(body), at=at)
    try:
        deliverer.send(person, channel, message, channel_key(f"test/{uuid4()}", channel.id))
    except Undelivered as error:
        return TriedChannel(channel.id, phrase_of(error), error.permanent)
    return TriedChannel(channel.id)


def _nobody_above(person: Person, organisation: Organisation) -> Phrase:
    found = answering(person.id, (), organisation)
    if found.alone:
        return phrase(
            "{person} has nobody above, and there is no other director: {person} hears of it and decides alone, on record",
            person=one_line(person.id),
        )
    others = [one_line(each) for each in found.people]
    return phrase(
        "{person} has nobody above: of deals of theirs hear and decide {others}",
        person=one_line(person.id),
        others=others,
    )


def _acts_passed_on(organisation: Organisation) -> Iterator[Phrase]:
    """Which acts on the store are for others than the table names, because nobody has such a role."""
    roles = {person.role for person in organisation.people.values()}
    acts = [act for act in STORE_ACTS if roles.isdisjoint(organisation.rights.of(act))]
    if not acts:
        return
    found = answering_in_store(acts[0], organisation)
    yield (
        phrase(
            "nobody has a role that may {acts}: these are for {others}",
            acts=acts,
            others=[one_line(each) for each in found.people],
        )
        if found.people
        else phrase("nobody may {acts}: give somebody the role operations", acts=acts)
    )


def people_warnings(organisation: Organisation, channels: Channels, user: str) -> Iterator[Phrase]:
    """Who cannot act or cannot be told, of those in people.yaml; `user` is the operating system's."""
    if not organisation.declared:
        return
    if user not in organisation.by_user:
        yield phrase("nobody is the user '{user}' of this computer: add users: [{user}] to your entry", user=user)
    for person in organisation.people.values():
        name = one_line(person.id)
        if person.role in ("seller", "manager", "director") and not free_above(person.id, (), organisation):
            yield _nobody_above(person, organisation)
        for channel in channels.channels_of(person):
            if fault := channels.fault_of(channel):
                yield phrase("{person}: {fault}", person=name, fault=fault)
    yield from _acts_passed_on(organisation)
