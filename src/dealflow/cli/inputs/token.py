"""Tokens as they are given: that of the person who acts, never on the command line, and what a new one is to be."""

import os
import stat
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from dealflow.cli.errors import WrongUsage
from dealflow.cli.inputs.values import duration
from dealflow.domain.people.rights import DEAL_ACTS, STORE_ACTS, RightsAct
from dealflow.domain.token.commands import CreateToken, RevokeToken
from dealflow.domain.token.secret import TokenUnreadable, id_meant
from dealflow.domain.values.phrase import Phrase, phrase
from dealflow.domain.values.refusal import Code, CommandRefused, refuse
from dealflow.domain.values.suggest import nearest
from dealflow.settings import PREFIX, Settings
from dealflow.wording.system_faults import system_reason

VARIABLE = f"{PREFIX}TOKEN"
FILE_VARIABLE = f"{PREFIX}TOKEN_FILE"
_MOST_BYTES = 4_096


class GivenToken(NamedTuple):
    """What was given as a token, and where."""

    text: str
    place: str


def given_token(settings: Settings) -> GivenToken | None:
    """What was given; None where nothing was. CommandRefused for a file that cannot be taken at its word."""
    token, file = settings.token, settings.token_file
    if token is not None and file is not None:
        raise _refused(VARIABLE, phrase("{other} is set as well; unset one of them", other=FILE_VARIABLE))
    if token is not None:
        return GivenToken(token.get_secret_value(), VARIABLE)
    return GivenToken(_read(file), f"{FILE_VARIABLE}, {file}") if file is not None else None


def _read(file: Path) -> str:
    place = f"{FILE_VARIABLE}, {file}"
    try:
        # A pipe that nobody writes to would be waited for.
        with os.fdopen(os.open(file, os.O_RDONLY | os.O_NONBLOCK), "rb") as stream:
            found = os.fstat(stream.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise _refused(place, phrase("it is no file"))
            if found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise _refused(place, phrase("others may read the file; take that from them: chmod 600"))
            return stream.read(_MOST_BYTES).decode("ascii", "replace")
    except OSError as error:
        raise _refused(place, system_reason(error)) from error


def _refused(place: str, wrong: Phrase) -> CommandRefused:
    return refuse(Code.TOKEN_REFUSED, place, wrong=wrong)


def created(
    person: str,
    label: str | None,
    only: list[str] | None,
    lasting: str | None,
    until: datetime | None,
    *,
    endless: bool,
) -> CreateToken:
    """The command for a new token; WrongUsage for an act that no table has, and for two ends."""
    if sum((lasting is not None, until is not None, endless)) > 1:
        raise WrongUsage(phrase("give one of --for, --until and --without-end"))
    return CreateToken(
        person=person,
        label=label or "",
        only=tuple(_act(word) for words in only or () for word in words.split(",")),
        lasts=duration(lasting, "for") if lasting is not None else None,
        until=until,
        endless=endless,
    )


def revoked(token: str, reason: str) -> RevokeToken:
    """The command against a token; what is no id of one is not repeated, since it may be a part of one."""
    try:
        return RevokeToken(token_id=id_meant(token), reason=reason)
    except TokenUnreadable as error:
        right = phrase("an id of `dealflow token list`")
        raise refuse(Code.FIELD_INVALID, "token", field="token", wrong=error.wrong, right=right) from None


def _act(written: str) -> RightsAct:
    word = written.strip().replace("-", "_")
    known: tuple[RightsAct, ...] = (*DEAL_ACTS, *STORE_ACTS)
    found = next((act for act in known if act == word), None)
    if found is None:
        near = nearest(word, known)
        raise WrongUsage(
            phrase(
                "--only '{given}' is no act of the table of rights; did you mean '{near}'?", given=written, near=near
            )
            if near
            else phrase("--only '{given}' is no act of the table of rights: one of {known}", given=written, known=known)
        )
    return found
