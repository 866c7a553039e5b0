"""The form of the ids that are given from outside: deals, people and commands."""

import re
from typing import Annotated

from pydantic import Field

from dealflow.domain.values.phrase import phrase

MAX_DEAL_ID = 120
MAX_PERSON_ID = 80
MAX_COMMAND_ID = 200
DEAL_ID_SHAPE = phrase("up to 120 characters without a slash")
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
