"""Stages, nodes and people with their wording, as far as it is known."""

from collections.abc import Iterable

from dealflow.domain.people.organisation import Organisation
from dealflow.domain.process.definition import ProcessDefinition, Text
from dealflow.domain.values.frozen import Frozen


class Named(Frozen):
    """An id with its wording in this version of the process."""

    id: str
    title: Text = {}


class PersonView(Frozen):
    """A person of people.yaml; one who is not in the file is shown by the id."""

    id: str
    name: str


def stage_named(stage_id: str, process: ProcessDefinition) -> Named:
    """A stage with its wording; one that this version does not have, by its id."""
    known = stage_id in process.stage_index
    return Named(id=stage_id, title=process.stage(stage_id).title if known else {})


def node_named(node_id: str, process: ProcessDefinition) -> Named:
    """A node with its wording; one that this version does not have, by its id."""
    node = process.nodes.get(node_id)
    return Named(id=node_id, title=node.title if node else {})


def person_view(person_id: str | None, organisation: Organisation) -> PersonView | None:
    """Someone by name, where known."""
    if person_id is None:
        return None
    person = organisation.people.get(person_id)
    return PersonView(id=person_id, name=person.name if person else person_id)


def people_view(ids: Iterable[str], organisation: Organisation) -> tuple[PersonView, ...]:
    """Several people by name."""
    return tuple(found for person in ids if (found := person_view(person, organisation)))
