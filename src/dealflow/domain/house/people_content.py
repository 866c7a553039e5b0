"""The people as the store keeps them: what decisions use, in one form. The addresses of channels, which hold secrets, stay out."""

from typing import Any

from dealflow.domain.people.organisation import Channel, Organisation, Person

# A number for the form, so that a later one changes no old digest.
_FORM = 1


def people_content(organisation: Organisation) -> dict[str, Any]:
    """What is kept of an organisation; what equals a default is left out."""
    listed = sorted(organisation.people.values(), key=lambda person: person.id)
    rest = organisation.model_dump(mode="json", exclude={"people"}, exclude_defaults=True)
    return {"form": _FORM, "people": [_kept(person) for person in listed], **rest}


def organisation_of(content: dict[str, Any]) -> Organisation:
    """The organisation of a kept content; ValueError for a form that is not known."""
    if content.get("form") != _FORM:
        raise ValueError(f"form {content.get('form')} is not known")
    people = [_person(entry) for entry in content["people"]]
    rest = {name: value for name, value in content.items() if name not in ("form", "people")}
    return Organisation.model_validate({**rest, "people": {person.id: person for person in people}})


def with_addresses(organisation: Organisation, of_file: Organisation) -> Organisation:
    """The same people with the addresses that a file has for their channels; a channel that it does not know has none."""
    found = {(person.id, one.id, one.kind): one for person in of_file.people.values() for one in person.channels}

    def addressed(person: Person) -> Person:
        channels = tuple(found.get((person.id, one.id, one.kind), one) for one in person.channels)
        return person.model_copy(update={"channels": channels})

    people = {person.id: addressed(person) for person in organisation.people.values()}
    return organisation.model_copy(update={"people": people})


def _kept(person: Person) -> dict[str, Any]:
    entry = person.model_dump(mode="json", exclude_defaults=True, exclude={"channels"})
    channels = [{"id": channel.id, "kind": channel.kind} for channel in person.channels]
    return {**entry, **({"channels": channels} if channels else {})}


def _person(entry: dict[str, Any]) -> Person:
    channels = [Channel(id=one["id"], url=f"{one['kind']}:") for one in entry.get("channels", ())]
    return Person.model_validate({**entry, "channels": channels})
