"""How far a newer file takes away what an earlier one said: emptied cells, and deals that are gone."""

from collections.abc import Mapping

from dealflow.adapters.files.located_yaml import Tree, one_of
from dealflow.adapters.imports.mapping.model import CLEARED, Following
from dealflow.adapters.imports.mapping.values import MappingValues
from dealflow.domain.values.phrase import phrase

_CANCELLED = "cancelled"


def following(values: MappingValues, entries: Mapping[str, Tree]) -> Following:
    """Read these keys; what is wrong goes to the problems of the reader."""
    cleared: set[str] = set()
    for item, word in values.words(entries.get("cleared"), "'cleared'"):
        if word == "all":
            cleared.update(CLEARED)
        elif word in CLEARED:
            cleared.add(word)
        else:
            wrong = phrase("'{word}' is no part that can be cleared", word=word[:60])
            values.problems.add(item, "cleared", wrong, one_of((*CLEARED, "all")), near=(word, (*CLEARED, "all")))
    full = values.boolean(entries.get("full"), "'full'")
    gone = entries.get("gone")
    word = values.word(gone, "'gone'") if gone is not None else ""
    if gone is not None and word and word != _CANCELLED:
        values.problems.add(
            gone, "gone", phrase("'{word}' is nothing that becomes of a deal", word=word[:60]), _CANCELLED
        )
    elif gone is not None and not full:
        right = phrase("write full: true where the file holds every deal")
        values.problems.add(gone, "gone", phrase("'gone' stands without 'full'"), right)
    return Following(frozenset(cleared), full, word == _CANCELLED)
