"""What `people check` finds in people.yaml."""

from collections.abc import Sequence
from pathlib import Path

from dealflow.application.house.versions import Version
from dealflow.cli.output import print_json, reader, say
from dealflow.cli.tables import print_table
from dealflow.cli.views.setup.house import SHOWN
from dealflow.domain.house.people_content import people_content
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
    _print_table(organisation)
    for warning in warnings:
        say(reader().t("{file}: {reason}", file=str(file), reason=warning))
    return 0


def print_people_in_force(version: Version[Organisation] | None, of_file: Organisation | None) -> int:
    """Print a version on record, or where there is none the people of the file, who count then; neither for a past without."""
    to, people = reader(), version.value if version else of_file
    if to.json:
        print_json(
            {
                "version": version.number if version else None,
                "digest": version.digest if version else None,
                "since": version.stamp.recorded_at if version else None,
                "loaded_by": version.stamp.actor if version else None,
                "loaded_for": version.stamp.on_behalf_of if version else None,
                "cause": version.stamp.cause if version else None,
                **(people_content(people) if people else {}),
            }
        )
        return 0
    if version:
        say(
            to.t(
                "Version {version} ({digest}), since {at}, loaded by {who}.",
                version=version.number,
                digest=version.digest[:SHOWN],
                at=to.time(version.stamp.recorded_at),
                who=version.stamp.actor,
            )
        )
    elif people:
        say(to.t("No people are on record in the store."))
    else:
        say(to.t("No people were on record in the store at that time."))
    if people and people.declared:
        _print_table(people)
    return 0


def _print_table(organisation: Organisation) -> None:
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
