"""What `people check` finds in people.yaml."""

from collections.abc import Sequence
from pathlib import Path

from dealflow.cli.output import print_json, reader, say
from dealflow.cli.tables import print_table
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.values.phrase import Phrase
from dealflow.wording.terms import term


def print_people(file: Path, organisation: Organisation, warnings: Sequence[Phrase]) -> int:
    """Print who is in the file and what will not work."""
    if reader().json:
        print_json(
            {
                "file": str(file),
                "declared": organisation.declared,
                "people": len(organisation.people),
                "warnings": warnings,
            }
        )
        return 0
    if not organisation.declared:
        say(
            reader().t(
                "There is no {file}: this home belongs to whoever works in it, who may do everything, and nobody is told of a"
                " stall.",
                file=str(file),
            )
        )
        return 0
    print_table(
        ("Person", "Name", "Role", "Manager", "Director", "Users", "Acts for"),
        [
            (
                person.id,
                person.name,
                reader().t(term("role", person.role)),
                person.manager,
                director.id if (director := organisation.director_of(person.id)) else "",
                reader().listed(person.users),
                reader().listed(person.acts_for),
            )
            for person in organisation.people.values()
        ],
    )
    for warning in warnings:
        say(reader().t("{file}: {reason}", file=str(file), reason=warning))
    return 0
