"""The organisation: who owns, who directs, who may act for whom."""

from collections.abc import Iterator
from functools import cached_property
from typing import Literal

from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.ids import PersonId
from dealflow.domain.values.language import Language

Role = Literal["seller", "manager", "director", "operations", "auditor"]


class Channel(Frozen):
    """A way to reach a person: an Apprise address, or `file:` for a file in the outbox folder."""

    id: str
    url: str


class Person(Frozen):
    """Someone who owns deals, directs others or hears of stalls. `manager` is the next one up."""

    id: PersonId
    name: str
    role: Role = "seller"
    manager: PersonId | None = None
    region: str | None = None
    language: Language = "en"
    users: tuple[str, ...] = ()  # operating-system users who are this person
    acts_for: tuple[str, ...] = ()  # person ids, or "*" for everyone
    channels: tuple[Channel, ...] = ()


class Organisation(Frozen):
    """Everyone in `people.yaml`; `declared` is false when there is no such file."""

    people: dict[str, Person] = {}
    declared: bool = True

    @cached_property
    def by_user(self) -> dict[str, str]:
        """Operating-system user -> person id."""
        return {user: person.id for person in self.people.values() for user in person.users}

    @cached_property
    def directors(self) -> tuple[Person, ...]:
        """Everyone with the role of a director, by id."""
        found = (person for person in self.people.values() if person.role == "director")
        return tuple(sorted(found, key=lambda person: person.id))

    def above(self, person_id: str | None) -> Iterator[Person]:
        """Everyone above a person, nearest first; a loop in the file ends the walk."""
        seen = {person_id}
        person = self.people.get(person_id or "")
        while person and person.manager and person.manager not in seen:
            seen.add(person.manager)
            person = self.people.get(person.manager)
            if person:
                yield person

    def director_of(self, owner: str | None) -> Person | None:
        """The first director above the owner, else the nearest manager above."""
        above = list(self.above(owner))
        return next((p for p in above if p.role == "director"), above[0] if above else None)

    def superior_of(self, owner: str | None) -> Person | None:
        """The person above the owner's director."""
        director = self.director_of(owner)
        return next(self.above(director.id), None) if director else None

    def may_decide(self, person_id: str, owner: str | None) -> bool:
        """Whether this person answers for the owner's deals: stands above the owner, or is a director where nobody owns."""
        if owner is None or owner not in self.people:
            person = self.people.get(person_id)
            return person is not None and person.role in ("director", "operations")
        return any(person.id == person_id for person in self.above(owner))

    def may_act_for(self, actor: str, other: str) -> bool:
        """Whether `people.yaml` lets the actor act with the other's rights."""
        person = self.people.get(actor)
        return person is not None and (other in person.acts_for or "*" in person.acts_for)
