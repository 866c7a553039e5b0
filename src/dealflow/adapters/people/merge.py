"""People of an import added to those that are there: nobody's own entry is ever overwritten."""

from typing import NamedTuple

from dealflow.domain.people.organisation import Organisation, Person
from dealflow.domain.values.phrase import Phrase, phrase


class PersonConflict(NamedTuple):
    """An entry that an import would have changed: what stands in the file stays."""

    person: str
    field: str
    kept: str
    offered: str

    @property
    def said(self) -> Phrase:
        """What stays, and what the import has."""
        return phrase(
            "{person}: {field} stays '{kept}', the import has '{offered}'",
            person=self.person,
            field=self.field,
            kept=self.kept,
            offered=self.offered,
        )

    def __str__(self) -> str:
        return str(self.said)


class Merged(NamedTuple):
    """An organisation with new people added, whom it gained, and what was left as it stood."""

    organisation: Organisation
    added: tuple[str, ...]
    conflicts: tuple[PersonConflict, ...]


def merge_people(existing: Organisation, new: Organisation) -> Merged:
    """Add the people that are not there yet; a person's own entries are never overwritten, differences are reported."""
    people = dict(existing.people)
    users = dict(existing.by_user)
    added: list[str] = []
    conflicts: list[PersonConflict] = []
    for person in new.people.values():
        present = existing.people.get(person.id)
        if present is not None:
            conflicts += _differences(present, person)
            continue
        taken = [user for user in person.users if user in users]
        conflicts += [PersonConflict(person.id, f"user {user}", users[user], person.id) for user in taken]
        people[person.id] = person.model_copy(
            update={"users": tuple(user for user in person.users if user not in taken)}
        )
        users.update(dict.fromkeys(people[person.id].users, person.id))
        added.append(person.id)
    return Merged(existing.model_copy(update={"people": people, "declared": True}), tuple(added), tuple(conflicts))


def _differences(present: Person, offered: Person) -> list[PersonConflict]:
    return [
        PersonConflict(present.id, field, str(kept), str(other))
        for field in ("name", "role", "manager", "region")
        if (other := getattr(offered, field)) is not None and (kept := getattr(present, field)) != other
    ]
