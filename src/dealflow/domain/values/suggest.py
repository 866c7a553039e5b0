"""Did you mean: the known name nearest to a wrong one, within a budget of work."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# Work is counted in characters: a comparison costs those of the name and ten more, a question five hundred more. Measured,
# each of them takes 1 to 10 ns, so that all suggestions for one file take at most a second.
BUDGET = 100_000_000
_EACH_COMPARISON = 10
_EACH_QUESTION = 500
# The least share of characters that two names have in common, in order: 0.6, and a little less for rounding.
_LEAST_ALIKE = 0.599
# A slip of the pen happens in a name; what is longer is a text.
_LONGEST = 200
_COLLECTIONS_KEPT = 16
_ANSWERS_KEPT = 10_000


class _Names:
    """Names that a question was asked about, with the answers: a loop over a file asks about the same ones again."""

    def __init__(self, known: Collection[str]) -> None:
        self.known = known
        self.names = list(known)
        self.work = sum(map(len, self.names)) + _EACH_COMPARISON * len(self.names)
        self.answers: dict[str, str | None] = {}


class Suggestions:
    """The suggestions for one file or one run; a question that the rest of the budget cannot pay gets no answer.

    The budget counts characters compared, not time: the same file always gets the same suggestions.
    """

    def __init__(self, budget: int = BUDGET) -> None:
        self.budget = budget
        self.spent = 0
        self.is_exhausted = False
        self._kept: dict[int, _Names] = {}

    def nearest(self, word: str, known: Collection[str]) -> str | None:
        """The known name that is most like the word; None when none is like it, or when the budget is exhausted."""
        kept = self._kept.get(id(known))
        if kept is not None and len(kept.names) == len(known) and word in kept.answers:
            return kept.answers[word]
        if self.is_exhausted or not 0 < len(word) <= _LONGEST:
            return None
        if kept is None or len(kept.names) != len(known):
            if len(self._kept) >= _COLLECTIONS_KEPT:
                self._kept.clear()
            # It holds the collection too, so that no other one gets the same id.
            kept = self._kept[id(known)] = _Names(known)
        # A name of more than 64 characters is compared in parts of 64.
        work = _EACH_QUESTION + kept.work * (1 + len(word) // 64)
        if self.spent + work > self.budget:
            self.is_exhausted = True
            return None
        self.spent += work
        answer = _most_alike(word, kept.names)
        if len(kept.answers) < _ANSWERS_KEPT:
            kept.answers[word] = answer
        return answer


_OF_THE_RUN: ContextVar[Suggestions | None] = ContextVar("suggestions", default=None)


@contextmanager
def one_budget(budget: int = BUDGET) -> Iterator[Suggestions]:
    """One budget for every `nearest` within: a run over many records asks from deep inside each of them."""
    suggestions = Suggestions(budget)
    token = _OF_THE_RUN.set(suggestions)
    try:
        yield suggestions
    finally:
        _OF_THE_RUN.reset(token)


def nearest(word: str, known: Collection[str]) -> str | None:
    """The known name that is most like the word: for a single question, or for one of many within `one_budget`."""
    return (_OF_THE_RUN.get() or Suggestions()).nearest(word, known)


def _most_alike(word: str, names: list[str]) -> str | None:
    # Imported late: a command without a wrong name does not need them.
    from rapidfuzz.distance import Indel  # noqa: PLC0415  as above
    from rapidfuzz.process import extractOne  # noqa: PLC0415  as above

    found = extractOne(word, names, scorer=Indel.normalized_similarity, score_cutoff=_LEAST_ALIKE)
    return found[0] if found else None
