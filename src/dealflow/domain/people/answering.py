"""Who answers where the table does not say it by name: for a deal, and for what is done to the store.

Those who hold the right, else whoever is next upward, else other directors, else whoever is left, alone.
"""

from collections.abc import Collection
from typing import NamedTuple

from dealflow.domain.people.organisation import Organisation, Person
from dealflow.domain.people.rights import StoreAct


class Answering(NamedTuple):
    """The ids of those who may decide, the nearest first. `alone`: each would be barred, and nobody else is left."""

    people: tuple[str, ...]
    alone: bool = False


def answering(owner: str | None, owned: Collection[str], organisation: Organisation) -> Answering:
    """Who decides on a deal of this owner; `owned` are those who count as its owner as well, and decide nothing.

    Those above who are not barred; where there is none every other director, as for a deal without owner; where there is
    none either, whoever would have decided, at last the owner. Where nobody owns and nobody directs, operations.
    """
    if free := free_above(owner, owned, organisation):
        return Answering(tuple(person.id for person in free))
    barred = {*owned, owner}
    chain = [person.id for person in organisation.above(owner) if person.decides]
    directors = [person.id for person in organisation.directors]
    if others := tuple(person for person in directors if person not in barred):
        return Answering(others)
    if owner not in organisation.people:
        operations = tuple(person.id for person in organisation.of_role("operations") if person.id not in barred)
        return Answering(operations or tuple(directors), alone=not operations)
    return Answering(tuple(chain or directors or [str(owner)]), alone=True)


def free_above(owner: str | None, owned: Collection[str], organisation: Organisation) -> list[Person]:
    """Those above the owner who may decide, nearest first; where there is none, other directors answer for the deal."""
    return [person for person in organisation.above(owner) if person.decides and person.id not in owned]


def answering_in_store(act: StoreAct, organisation: Organisation) -> Answering:
    """Who may do this to the store: whom the table names; where there is nobody, every director.

    Where there is none either, whoever stands on top of the house, alone.
    """
    holders = organisation.rights.of(act)
    people = organisation.people.values()
    if found := tuple(person.id for person in people if person.role in holders):
        return Answering(found)
    if directors := organisation.directors:
        return Answering(tuple(person.id for person in directors))
    deciding = [person for person in people if person.decides]
    top = [person for person in deciding if not free_above(person.id, (), organisation)]
    return Answering(tuple(person.id for person in top or deciding), alone=True)
