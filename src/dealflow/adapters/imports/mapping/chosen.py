"""Which key of a mapping stands for a value: the value itself, a pattern with `*`, or `else`."""

import re
from collections.abc import Iterable

ELSE = "else"
ANY = "*"


class Chosen:
    """The keys of a mapping by the values that they stand for, the closest first; patterns in the order of the file."""

    def __init__(self, keys: Iterable[str]) -> None:
        listed = tuple(keys)
        self._named = frozenset(listed)
        self._patterns = tuple((_pattern(key), key) for key in listed if ANY in key)
        self._otherwise = ELSE if ELSE in self._named else None

    def key_of(self, *forms: str) -> str | None:
        """The key for a value, whose forms are given with the closest first; None where there is none."""
        named = next((form for form in forms if form in self._named), None)
        if named is not None:
            return named
        fitting = (key for pattern, key in self._patterns if any(pattern.fullmatch(form) for form in forms))
        return next(fitting, self._otherwise)


def _pattern(key: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in key.split(ANY)), re.DOTALL)
