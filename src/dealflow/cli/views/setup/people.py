"""What `people check` finds and prints."""

from collections.abc import Iterator

from dealflow.adapters.notices.notify import Notifier
from dealflow.adapters.people.file import load_people
from dealflow.cli.output import print_json, reader, say
from dealflow.cli.tables import cell, print_table
from dealflow.cli.user import os_user
from dealflow.domain.people.organisation import Organisation
from dealflow.settings import Settings


def check_people(settings: Settings) -> int:
    """Print who is in the file and what will not work; PeopleFileError when the file cannot be used."""
    organisation = load_people(settings.people)
    warnings = list(_warnings(organisation, settings))
    if reader().json:
        print_json(
            {
                "file": str(settings.people),
                "declared": organisation.declared,
                "people": len(organisation.people),
                "warnings": warnings,
            }
        )
        return 0
    if not organisation.declared:
        said = (
            "There is no {file}: everybody works on every deal, nobody decides on one, and nobody is told of a stall."
        )
        say(reader().t(said).format(file=settings.people))
        return 0
    print_table(
        ("Person", "Name", "Role", "Manager", "Director", "Users", "Acts for"),
        [
            (
                person.id,
                person.name,
                reader().t(person.role),
                person.manager,
                director.id if (director := organisation.director_of(person.id)) else "",
                ", ".join(person.users),
                ", ".join(person.acts_for),
            )
            for person in organisation.people.values()
        ],
    )
    for warning in warnings:
        say(f"{settings.people}: {warning}")
    return 0


def _warnings(organisation: Organisation, settings: Settings) -> Iterator[str]:
    if not organisation.declared:
        return
    if os_user() not in organisation.by_user:
        yield f"nobody is the user '{os_user()}' of this computer: add users: [{os_user()}] to your entry"
    notifier = Notifier(settings.outbox, default_channels=settings.default_channels)
    for person in organisation.people.values():
        if person.role == "seller" and organisation.director_of(person.id) is None:
            yield f"{cell(person.id)} has nobody above: nobody hears of a stall of theirs"
        for channel in notifier.channels_of(person):
            fault = notifier.fault_of(channel)
            if fault:
                yield f"{cell(person.id)}: {fault}"
