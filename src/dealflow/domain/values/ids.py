"""The form of the ids that are given from outside: deals, people and commands."""

import re
from typing import Annotated
from unicodedata import normalize

from pydantic import Field

from dealflow.domain.values.phrase import Phrase, phrase
from dealflow.domain.values.text.alike import look_alike
from dealflow.domain.values.text.visible import code_point

MAX_DEAL_ID = 120
MAX_PERSON_ID = 80
MAX_COMMAND_ID = 200
DEAL_ID_SHAPE = phrase("up to 120 characters without a slash")
# Who acts where the engine does; no person may be called so.
ENGINE = "dealflow"
ONE_SCRIPT = phrase("letters of one script")
# Neither may hold a slash: both are parts of names that a slash divides.
_DEAL_ID = rf"^[^\s/\x00-\x1f][^/\x00-\x1f]{{0,{MAX_DEAL_ID - 1}}}$"
_PERSON_ID = rf"^[^\s/\x00-\x1f][^/\x00-\x1f]{{0,{MAX_PERSON_ID - 1}}}$"
# As it is given, blanks and what cannot be seen may stand in it; they are taken out before anybody looks for the deal.
_GIVEN_DEAL_ID = rf"^[^/\x00-\x08\x0b-\x1f]{{1,{2 * MAX_DEAL_ID}}}$"
GivenDealId = Annotated[str, Field(pattern=_GIVEN_DEAL_ID)]
PersonId = Annotated[str, Field(pattern=_PERSON_ID)]
_is_deal_id = re.compile(_DEAL_ID).fullmatch
_is_person_id = re.compile(_PERSON_ID).fullmatch


def is_deal_id(text: str) -> bool:
    """Whether a deal may have this id."""
    return _is_deal_id(text) is not None


def is_person_id(text: str) -> bool:
    """Whether a person may have this id."""
    return _is_person_id(text) is not None


def letter_fault(text: str, *, by_word: bool = False) -> Phrase | None:
    """What is wrong with the letters of a new id: one looks like a letter of another script that stands beside it.

    `by_word`: scripts may change between two words, as they do in the names of firms. Ids on record are never asked.
    """
    found = look_alike(text, by_word=by_word)
    if found is None:
        return None
    return phrase(
        "character {place} is {name} and looks like one of the {script} letters beside it",
        place=found.at + 1,
        name=code_point(found.letter),
        script=found.among.capitalize(),
    )


def person_fault(text: str) -> Phrase | None:
    """The same of a person's new id, which also may not be the engine's name."""
    if normalize("NFKC", text).casefold() == ENGINE:
        return phrase("'{engine}' is the name of the engine, and no person may have it", engine=ENGINE)
    return letter_fault(text)
