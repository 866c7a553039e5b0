"""What the store keeps of people: all that a decision uses, no address, and one digest for one meaning."""

from datetime import date

import pytest

from dealflow.domain.house.concern import changed_calendars, is_concerned
from dealflow.domain.house.decide import must_be_loadable
from dealflow.domain.house.people_content import organisation_of, people_content, with_addresses
from dealflow.domain.people.actor import Who
from dealflow.domain.people.organisation import Channel, Deputy, Organisation, Person
from dealflow.domain.people.rights import Rights
from dealflow.domain.process.canonical import digest_of_content
from dealflow.domain.values.refusal import Code, CommandRefused

SECRET = "json://token-of-bo@hook.example/deals"
ANNA = Person(
    id="anna",
    name="Anna",
    manager="bo",
    region="north",
    users=("anna",),
    deputies=(Deputy(id="bo", since=date(2026, 1, 2)),),
)
BO = Person(
    id="bo",
    name="Bo",
    role="director",
    language="zh",
    channels=(Channel(id="h", url=SECRET), Channel(id="f", url="file:")),
)
OPS = Person(id="ops", name="Ops", role="operations", users=("root",), acts_for=("*",))
PAY = Person(id="pay", name="Pay", role="integrator", kinds=("payment",))


AS_SHIPPED = Rights()


def house(*people: Person, rights: Rights = AS_SHIPPED) -> Organisation:
    return Organisation(people={one.id: one for one in people}, rights=rights)


ALL = house(ANNA, BO, OPS, PAY, rights=Rights(changed={"reassign": ("above", "operations")}))


def test_everything_but_the_addresses_comes_back() -> None:
    content = people_content(ALL)
    back = organisation_of(content)
    assert "token" not in str(content) and "hook.example" not in str(content)
    assert [(one.id, one.kind, one.has_address) for one in back.people["bo"].channels] == [
        ("h", "json", False),
        ("f", "file", True),
    ]
    assert with_addresses(back, ALL) == ALL
    assert people_content(back) == content
    undeclared = Organisation(people={}, declared=False)
    assert organisation_of(people_content(undeclared)) == undeclared


def test_order_and_addresses_change_no_digest_and_anything_else_does() -> None:
    def digest(*people: Person) -> str:
        return digest_of_content(people_content(house(*people)))

    other_address = BO.model_copy(update={"channels": (Channel(id="h", url="json://other/"), BO.channels[1])})
    assert digest(ANNA, BO) == digest(BO, ANNA) == digest(ANNA, other_address)
    changes = (
        {"manager": None},
        {"role": "manager"},
        {"users": ()},
        {"deputies": ()},
        {"name": "A"},
        {"language": "zh"},
    )
    digests = {digest(ANNA.model_copy(update=change), BO) for change in changes}
    assert len(digests | {digest(ANNA, BO)}) == len(changes) + 1


def test_a_form_that_is_not_known_is_not_read() -> None:
    with pytest.raises(ValueError, match="form 9"):
        organisation_of({"form": 9, "people": []})


def code(new: Organisation, in_force: Organisation, who: str) -> Code | None:
    try:
        must_be_loadable(new, in_force, Who(actor=who))
    except CommandRefused as refused:
        return refused.reasons[0].code
    return None


def test_who_may_load_is_said_by_the_people_in_force_and_somebody_has_to_be_left() -> None:
    usurped = house(ANNA.model_copy(update={"role": "operations"}), BO)
    nobody = Organisation(people={}, declared=False)
    assert code(ALL, ALL, "ops") is None
    assert code(usurped, ALL, "anna") is Code.NOT_PERMITTED
    assert code(ALL, nobody, "ops") is None and code(ALL, nobody, "anna") is Code.NOT_PERMITTED
    assert code(house(ANNA, BO), ALL, "ops") is Code.NOBODY_LOADS
    without_user = OPS.model_copy(update={"users": ()})
    assert code(house(ANNA, BO, without_user), ALL, "ops") is Code.NOBODY_LOADS
    assert code(house(ANNA.model_copy(update={"acts_for": ("ops",)}), BO, without_user), ALL, "ops") is None


def test_a_change_concerns_those_deals_for_which_others_answer() -> None:
    rolf = Person(id="rolf", name="Rolf", role="director")
    before, after = house(ANNA, BO), house(ANNA.model_copy(update={"manager": "rolf"}), BO, rolf)
    assert is_concerned("anna", (), None, before) and is_concerned("anna", (), before, after)
    assert not is_concerned("anna", (), before, house(ANNA, BO, PAY))
    # Another director is nobody's concern while somebody above decides, and is where those above have owned the deal.
    assert not is_concerned("anna", (), before, house(ANNA, BO, rolf))
    assert is_concerned("anna", ("bo",), before, house(ANNA, BO, rolf))
    assert is_concerned("gone", (), before, house(ANNA, BO, rolf))


def test_calendars_that_came_went_or_changed() -> None:
    one, other = {"name": "a", "zone": "UTC"}, {"name": "a", "zone": "Asia/Shanghai"}
    kept = {"name": "b", "zone": "UTC"}
    assert changed_calendars({"calendars": [one, kept]}, {"calendars": [other, kept]}) == {"a"}
    assert changed_calendars({}, {"calendars": [one]}) == changed_calendars({"calendars": [one]}, {}) == {"a"}
