"""What takes two people, where the house asks for it: one proposes, and a second one confirms."""

from dealflow.domain.people.answering import answering_in_store
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.people.rights import TwoPersonAct


def takes_two(act: TwoPersonAct, organisation: Organisation) -> bool:
    """Whether people.yaml asks for a second person."""
    return act in organisation.rights.second_person


def who_confirms_in_store(act: TwoPersonAct, organisation: Organisation) -> tuple[str, ...]:
    """Who may be the second: whoever has the right, and every director."""
    directors = (person.id for person in organisation.directors)
    return tuple(dict.fromkeys((*answering_in_store(act, organisation).people, *directors)))
