"""Files that a command reads: templates and lists, each fault with its place."""

from pathlib import Path

from dealflow.adapters.files.located_yaml import LocatedProblem
from dealflow.cli.errors import FilesInvalid
from dealflow.domain.values.phrase import Phrase, phrase
from dealflow.wording.system_faults import system_reason

MAX_BYTES = 4_000_000
UNREADABLE = "unreadable"


def read_text(path: Path) -> str:
    """A text in UTF-8, with or without BOM; FilesInvalid for what cannot be read, is not text or is too large."""
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise _invalid(
            path, UNREADABLE, phrase("the file cannot be read: {reason}", reason=system_reason(error))
        ) from error
    if len(content) > MAX_BYTES:
        raise _invalid(path, "too-large", phrase("the file is too large: at most {most} bytes", most=f"{MAX_BYTES:,}"))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        wrong = phrase("byte {place} is not UTF-8; save the file as UTF-8", place=error.start + 1)
        raise _invalid(path, "encoding", wrong, line) from error


def read_ids(path: Path) -> list[str]:
    """One id per line; empty lines and what follows # are left out, and an id that stands there twice counts once."""
    lines = (line.partition("#")[0].strip() for line in read_text(path).splitlines())
    ids = list(dict.fromkeys(line for line in lines if line))
    if not ids:
        raise _invalid(path, "empty", phrase("the file names nothing; write one id per line"))
    return ids


def _invalid(path: Path, rule: str, message: Phrase, line: int = 1) -> FilesInvalid:
    return FilesInvalid([LocatedProblem(file=str(path), line=line, column=1, rule=rule, message=message)])
