"""A misspelt attribute never becomes part of a deal's state: neither of a copy nor of a value that is changed in place."""

from collections.abc import Callable
from typing import Any

import pytest

from dealflow.domain.deal import replace as module
from tests.support.deals.stories import Story

# As the fold calls them: the checker of types refuses these calls as well, for it sees `dataclasses.replace`.
WAYS: tuple[Callable[..., Any], ...] = (vars(module)["replace"], vars(module)["replace_in"])


@pytest.mark.parametrize("change", WAYS)
def test_an_attribute_that_there_is_not_is_refused(change: Callable[..., Any]) -> None:
    deal = Story().opened().deal
    with pytest.raises(TypeError, match="Deal has no field onwer, stag"):
        change(deal, title="Another", onwer="bob", stag="learn")


def test_a_copy_has_the_changed_fields_and_all_others() -> None:
    deal = Story().opened().deal
    copy = WAYS[0](deal, title="Another")
    assert (copy.title, copy.owner, deal.title) == ("Another", "anna", "A sale")
    assert copy == WAYS[0](deal, title="Another") and type(copy) is type(deal)
