"""`people.yaml` written: people who did not change keep their lines and comments."""

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from dealflow.adapters.files.atomic import write_atomically
from dealflow.adapters.people.reader import load_people, people_in
from dealflow.domain.people.organisation import Organisation, Person


def write_people(path: Path, organisation: Organisation) -> None:
    """Write the organisation; people who did not change keep their lines and comments.

    PeopleFileError when the file there is broken (it is left as it is) or the organisation names who is not in it.
    """
    text = _written(path, load_people(path).people, organisation)
    read = people_in(text, str(path))
    if (read.people, read.rights) != (organisation.people, organisation.rights):
        # Something in the old lines did not survive being read and written; then exactness goes before comments.
        text = _written(path, {}, organisation)
    write_atomically(path, text)


def _written(path: Path, before: dict[str, Person], organisation: Organisation) -> str:
    yaml = YAML()
    yaml.width = 4_096
    yaml.preserve_quotes = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    document = yaml.load(path.read_text(encoding="utf-8-sig")) if before else _document(organisation)
    listed = document["people"]
    # From the end, so that a removal moves no entry that is still to be looked at; comments hang on the positions.
    for index, person_id in reversed(list(enumerate(before))):
        person = organisation.people.get(person_id)
        if person is None:
            del listed[index]
        elif person != before[person_id]:
            listed[index] = _entry(person)
    listed.extend(_entry(person) for person in organisation.people.values() if person.id not in before)
    text = io.StringIO()
    yaml.dump(document, text)
    return text.getvalue()


def _document(organisation: Organisation) -> CommentedMap:
    """A file of nobody yet, with the rights that were declared, and what takes two people."""
    rights = {act: _inline(holders) for act, holders in organisation.rights.changed.items()}
    document = CommentedMap(people=CommentedSeq())
    if rights:
        document["rights"] = CommentedMap(rights)
    if organisation.rights.second_person:
        document["second_person"] = _inline(organisation.rights.second_person)
    return document


def _entry(person: Person) -> CommentedMap:
    entry = CommentedMap(id=person.id, name=person.name, role=person.role)
    for key, field in Person.model_fields.items():
        value = getattr(person, key)
        if key in entry or value == field.default:
            continue
        if key in ("channels", "deputies"):
            value = _inline(CommentedMap(each.model_dump(mode="json", exclude_defaults=True)) for each in value)
        entry[key] = _inline(value) if isinstance(value, tuple) else value
    return entry


def _inline(items: Iterable[Any]) -> CommentedSeq:
    sequence = CommentedSeq(items)
    sequence.fa.set_flow_style()
    return sequence
