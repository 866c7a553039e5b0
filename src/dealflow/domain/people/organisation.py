"""The organisation: who owns, who directs, who may act for whom."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Literal

from dealflow.domain.people.rights import Rights
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.ids import PersonId
from dealflow.domain.values.language import Language

Role = Literal["seller", "manager", "director", "operations", "auditor", "integrator"]


class Channel(Frozen):
    """A way to reach a person: an Apprise address, or `file:` for a file in the outbox folder."""

    id: str
    url: str

    @property
    def kind(self) -> str:
        """The scheme of the address: the rest may be a secret."""
        return self.url.partition(":")[0]

    @property
    def has_address(self) -> bool:
        """Whether more is known than its kind. What the store keeps of a channel is no address; a file needs none."""
        return self.kind == "file" or self.url != f"{self.kind}:"


class Deputy(Frozen):
    """Who works on a person's deals beside them; both days belong to the time, and are days in UTC."""

    id: PersonId
    since: date | None = None
    until: date | None = None

    def stands_in(self, at: datetime) -> bool:
        """Whether this instant lies in the time."""
        day = at.astimezone(UTC).date()
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


class Person(Frozen):
    """Someone who owns deals, directs others or hears of stalls. `manager` is the next one up.

    `kinds` are the kinds of evidence that an integrator records.
    """

    id: PersonId
    name: str
    role: Role = "seller"
    manager: PersonId | None = None
    region: str | None = None
    language: Language = "en"
    users: tuple[str, ...] = ()  # operating-system users who are this person
    acts_for: tuple[str, ...] = ()  # person ids, or "*" for everyone
    deputies: tuple[Deputy, ...] = ()
    kinds: tuple[str, ...] = ()
    channels: tuple[Channel, ...] = ()

    @property
    def decides(self) -> bool:
        """Whether somebody of this role can answer for a deal: an auditor changes nothing, an integrator only records."""
        return self.role not in ("auditor", "integrator")


class Organisation(Frozen):
    """Everyone in `people.yaml`; `declared` is false when there is no such file, and then whoever works here may do all."""

    people: dict[str, Person] = {}
    declared: bool = True
    rights: Rights = Rights()

    @cached_property
    def by_user(self) -> dict[str, str]:
        """Operating-system user -> person id."""
        return {user: person.id for person in self.people.values() for user in person.users}

    @cached_property
    def directors(self) -> tuple[Person, ...]:
        """Everyone with the role of a director, by id."""
        return self.of_role("director")

    def of_role(self, role: Role) -> tuple[Person, ...]:
        """Everyone with this role, by id."""
        found = (person for person in self.people.values() if person.role == role)
        return tuple(sorted(found, key=lambda person: person.id))

    def above(self, person_id: str | None) -> Iterator[Person]:
        """Everyone above a person, nearest first: nobody where managers go round in a circle that comes back to them."""
        walk: dict[str, Person] = {}
        person = self.people.get(person_id or "")
        while person and person.manager and person.manager not in walk:
            if person.manager == person_id:
                return
            person = self.people.get(person.manager)
            if person:
                walk[person.id] = person
        yield from walk.values()

    def director_of(self, owner: str | None) -> Person | None:
        """The first director above the owner, else the nearest manager above."""
        above = list(self.above(owner))
        return next((p for p in above if p.role == "director"), above[0] if above else None)

    def deputies_of(self, owner: str | None, at: datetime) -> tuple[str, ...]:
        """Who stands in for the owner at this instant, beside them; nobody who changes nothing."""
        person = self.people.get(owner or "")
        found = (deputy.id for deputy in person.deputies if deputy.stands_in(at)) if person else ()
        return tuple(each for each in found if each in self.people and self.people[each].decides)

    def may_act_for(self, actor: str, other: str) -> bool:
        """Whether `people.yaml` lets the actor act with the other's rights."""
        person = self.people.get(actor)
        return person is not None and (other in person.acts_for or "*" in person.acts_for)
