"""The language of one command line, known before anything slow is loaded: errors and help need it at once.

The order: `--lang`, `DEALFLOW_LANGUAGE`, the settings file, the person's entry in people.yaml, English.
"""

import os
import re
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from dealflow.cli.user import os_user
from dealflow.domain.values.language import LANGUAGES, Language

OPTION = "--lang"
_MAX_PEOPLE_BYTES = 1_000_000

_arguments: ContextVar[list[str] | None] = ContextVar("arguments", default=None)
_spoken: ContextVar[Language | None] = ContextVar("language", default=None)
_is_asked: ContextVar[bool] = ContextVar("is_asked", default=False)


def spoken() -> Language:
    """The language of this command line: as preferred, else as a glance tells, which most commands never need."""
    language = _spoken.get()
    if language is None:
        arguments = _arguments.get()
        language = at_first(arguments) if arguments is not None else "en"
        _spoken.set(language)
    return language


def begin(arguments: list[str]) -> None:
    """A command line begins: speak the language that it asks for, or that will be preferred, or that a glance finds."""
    wanted = known(asked(arguments))
    _is_asked.set(wanted is not None)
    _arguments.set(arguments)
    _spoken.set(wanted)


def prefer(language: Language) -> None:
    """From here on, speak the language of the settings or of the person, unless the command line asks for another."""
    if not _is_asked.get():
        _spoken.set(language)


def known(written: object) -> Language | None:
    """The language of that name, if there is one."""
    return next((language for language in LANGUAGES if language == written), None)


def asked(arguments: list[str]) -> str | None:
    """What `--lang` says, as written."""
    return _given(arguments, OPTION)


def at_first(arguments: list[str]) -> Language:
    """The language as far as a glance tells; a fault of a file is reported later, by its reader."""
    home = Path(_given(arguments, "--home") or _variable("HOME") or ".dealflow").expanduser()
    settings = _written(home / "settings.toml")
    return (
        known(asked(arguments))
        or known(_variable("LANGUAGE"))
        or known(settings.get("language"))
        or known(_of_person(Path(_variable("PEOPLE") or settings.get("people") or home / "people.yaml").expanduser()))
        or "en"
    )


def _given(arguments: list[str], option: str) -> str | None:
    """The value of an option, as written; where it is repeated the last one counts, and behind -- there is none."""
    found = None
    words = iter(arguments)
    for word in words:
        if word == "--":
            break
        if word == option:
            found = next(words, None)
        elif word.startswith(f"{option}="):
            found = word.partition("=")[2]
    return found


def _variable(name: str) -> str | None:
    return next((value for key, value in os.environ.items() if value and key.upper() == f"DEALFLOW_{name}"), None)


def _written(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {}
    import tomllib  # only where there is a file

    try:
        return tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except (OSError, ValueError):
        return {}


def _of_person(file: Path) -> str | None:
    """The language in the entry of this computer's user.

    A YAML parser takes longer to load than all of `--help`, so this reads lines. It knows the usual layout; of another
    layout only the help comes out in English, since every answer reads the file in full.
    """
    try:
        with file.open("rb") as stream:
            text = stream.read(_MAX_PEOPLE_BYTES).decode("utf-8", "replace")
    except OSError:
        return None
    first = re.search(r"(?m)^( *)- ", text)
    user = os_user()
    for entry in re.split(rf"(?m)^{first[1]}- ", text) if first else ():
        users = re.search(r"\busers: *(\[[^\]]*\]|(?:\n *- *.+)+|.*)", entry)
        if users and user in re.findall(r"[^\s\[\],'\"]+", users[1]):
            language = re.search(r"\blanguage: *['\"]?(\w+)", entry)
            return language[1] if language else None
    return None
