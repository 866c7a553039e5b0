"""The walks of an import through its records, each of which says how far it is."""

from collections.abc import Callable
from enum import StrEnum


class ImportWalk(StrEnum):
    """Why records are gone through; not every import has all of these walks."""

    SORT = "sort"  # the rows of a log are put together by their deals
    LOOK = "look"  # the columns are looked at, each as a whole
    DATES = "dates"  # the last date is found, up to which all are shifted
    COMPARE = "compare"  # the records are read by the mapping of before as well, where that has changed
    MAKE = "make"  # the records are read into plans, and those that cannot be used are counted
    TAKE_IN = "take_in"  # what they come to is decided, and written


# The walk, how many records it has done, and about how many there are.
OnProgress = Callable[[ImportWalk, int, int], None]


def nowhere(_walk: ImportWalk, _done: int, _total: int) -> None:
    """Nobody watches the progress."""
