"""Who may do what is done to the store, where the house has nobody of the role that the table names."""

import pytest

from dealflow.domain.people.answering import Answering, answering_in_store
from dealflow.domain.people.organisation import Organisation, Person
from dealflow.domain.people.rights import STORE_ACTS, Rights, StoreAct

SELLER = Person(id="anna", name="Anna", manager="mei")
MANAGER = Person(id="mei", name="Mei", role="manager", manager="dora")
DIRECTORS = (Person(id="dora", name="Dora", role="director"), Person(id="lin", name="Lin", role="director"))
OPERATIONS = Person(id="ops", name="Ops", role="operations")
AUDITOR = Person(id="aud", name="Aud", role="auditor")
OPERATIONS_ONLY = [act for act in STORE_ACTS if Rights().of(act) == ("operations",)]


def house(*people: Person, rights: Rights | None = None) -> Organisation:
    return Organisation(people={person.id: person for person in people}, rights=rights or Rights())


@pytest.mark.parametrize("act", OPERATIONS_ONLY)
def test_whom_the_table_names_comes_first_then_directors_then_who_stands_on_top(act: StoreAct) -> None:
    assert answering_in_store(act, house(SELLER, MANAGER, *DIRECTORS, OPERATIONS)) == Answering(("ops",))
    assert answering_in_store(act, house(SELLER, MANAGER, *DIRECTORS, AUDITOR)) == Answering(("dora", "lin"))
    top = MANAGER.model_copy(update={"manager": None})
    assert answering_in_store(act, house(SELLER, top, AUDITOR)) == Answering(("mei",), alone=True)


def test_where_people_only_audit_and_record_nobody_is_left() -> None:
    record = Person(id="pay", name="Pay", role="integrator", kinds=("payment",))
    assert answering_in_store("publish", house(AUDITOR, record)) == Answering((), alone=True)


def test_in_a_circle_of_managers_everybody_who_decides_is_left() -> None:
    people = (
        MANAGER.model_copy(update={"manager": "max"}),
        Person(id="max", name="Max", role="manager", manager="mei"),
    )
    assert answering_in_store("erase", house(*people)).people == ("mei", "max")


def test_a_table_of_the_house_is_followed() -> None:
    rights = Rights(changed={"publish": ("manager",)})
    assert answering_in_store("publish", house(MANAGER, OPERATIONS, rights=rights)) == Answering(("mei",))
