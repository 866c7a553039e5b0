"""The file of people or calendars that a load is given."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from dealflow.cli.errors import WrongUsage
from dealflow.domain.values.phrase import Phrase, phrase, phrase_of

if TYPE_CHECKING:
    from dealflow.application.house.in_force import InForce
    from dealflow.domain.people.organisation import Organisation
    from dealflow.settings import Settings


def file_to_load(given: Path | None, of_settings: Path, in_force: "InForce[Any]") -> Path:
    """The file that is given, else that of the settings; WrongUsage in a home of one's own, whose own file counts, for another."""
    if given is None or given.absolute() == of_settings.absolute():
        return of_settings
    if in_force.is_own:
        said = phrase("in this home {file} counts: change that file, it is read again by itself", file=str(of_settings))
        raise WrongUsage(said)
    return given


def against_store(settings: "Settings", people: "Organisation") -> list[Phrase]:
    """What a shared store has against the people of a file: others count there, or a load of these would be refused.

    Nothing in a home of one's own, whose file counts, and without a file.
    """
    if settings.is_own("people") or not people.declared:
        return []
    from dealflow.adapters.store import found_schema
    from dealflow.application.ports.store import StoreUnreachable
    from dealflow.bootstrap import open_system
    from dealflow.cli.output import reader
    from dealflow.domain.house.decide import must_leave_a_loader
    from dealflow.domain.values.refusal import CommandRefused

    found: list[Phrase] = []
    try:
        if found_schema(settings.database_url, settings.home) != 0:
            with open_system(settings, reading=True) as system:
                differs = system.people.differs()
                if differs is not None:
                    found.append(phrase("{differs}: the store's count, and the file does not", differs=differs.said))
    except StoreUnreachable as unreachable:
        found.append(phrase("which people count in the store is not known: {wrong}", wrong=phrase_of(unreachable)))
    try:
        must_leave_a_loader(people)
    except CommandRefused as refused:
        said = " ".join(reader().reason(reason) for reason in refused.reasons)
        found.append(phrase("`dealflow people load` would be refused: {wrong}", wrong=said))
    return found
