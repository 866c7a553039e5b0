"""The file of people or calendars that a load is given."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from dealflow.cli.errors import WrongUsage
from dealflow.domain.values.phrase import phrase

if TYPE_CHECKING:
    from dealflow.application.house.in_force import InForce


def file_to_load(given: Path | None, of_settings: Path, in_force: "InForce[Any]") -> Path:
    """The file that is given, else that of the settings; WrongUsage in a home of one's own, whose own file counts, for another."""
    if given is None or given.absolute() == of_settings.absolute():
        return of_settings
    if in_force.is_own:
        said = phrase("in this home {file} counts: change that file, it is read again by itself", file=str(of_settings))
        raise WrongUsage(said)
    return given
