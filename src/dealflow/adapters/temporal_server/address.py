"""Where Temporal is: the configured address, else what `dealflow up` noted in the home folder for the other terminals."""

import json
from pathlib import Path

from pydantic import ValidationError

from dealflow.adapters.files.atomic import write_atomically
from dealflow.domain.values.frozen import Frozen
from dealflow.settings import Settings


class TemporalNote(Frozen):
    """The server that runs for a home folder; `pid` is the server's, `ui_address` is empty when it has no pages."""

    address: str
    pid: int
    ui_address: str = ""
    version: str = ""


def note_file(home: Path) -> Path:
    """The file that `dealflow up` keeps while its server runs; left behind when it was killed."""
    return home / "run" / "temporal.json"


def read_note(home: Path) -> TemporalNote | None:
    """What is noted; None when there is no file, or none that can be used."""
    try:
        return TemporalNote.model_validate(json.loads(note_file(home).read_bytes()))
    except (OSError, ValueError, ValidationError):
        return None


def write_note(home: Path, note: TemporalNote) -> None:
    """Tell the other terminals where the server is."""
    write_atomically(note_file(home), note.model_dump_json() + "\n")


def remove_note(home: Path) -> None:
    """The server has been stopped; commands then say so at once, without trying to reach it."""
    note_file(home).unlink(missing_ok=True)


def address_of(settings: Settings) -> str:
    """The configured address, else that of the server of the home folder, else ""."""
    if settings.temporal_address:
        return settings.temporal_address
    note = read_note(settings.home)
    return note.address if note else ""
