"""Who may load the people and calendars of a store, and which people cannot be loaded."""

from dealflow.domain.decide.permission import must_be_permitted_in_store
from dealflow.domain.people.actor import Who
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.values.refusal import Code, refuse


def must_be_loadable(new: Organisation, in_force: Organisation, who: Who) -> None:
    """Refuse people that somebody may not load, and such as nobody could load others after.

    `in_force` are the people that count; where none do yet, the new ones say who may.
    """
    must_be_permitted_in_store("people", who, in_force if in_force.declared else new)
    must_leave_a_loader(new)


def must_leave_a_loader(new: Organisation) -> None:
    """Refuse people of whom nobody could load others: whoever has the right needs a user, or somebody who acts for them."""
    holders = new.rights.of("people")
    may = [person for person in new.people.values() if person.role in holders]
    reached = (other.users and new.may_act_for(other.id, person.id) for person in may for other in new.people.values())
    if not any(person.users for person in may) and not any(reached):
        raise refuse(Code.NOBODY_LOADS, "people", who_may=[person.id for person in may], holders=[*holders])
