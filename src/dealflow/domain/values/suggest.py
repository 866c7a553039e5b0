"""Did you mean: the known name nearest to a wrong one, within a budget of work."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# The least share of characters that two names have in common, in order: 0.6, and a little less for rounding.
_LEAST_ALIKE = 0.599
# A slip of the pen happens in a name; what is longer is a text.
_LONGEST = 200
# What one comparison costs beside its characters: measured, the call weighs as much as ten of them.
_EACH = 10
# Measured at 7 to 12 ns a unit on one core of two busy ones: about one second for one file.
BUDGET = 100_000_000


class Suggestions:
    """The suggestions for one file or one run; a question that the rest of the budget cannot pay has no answer.

    Work is counted in characters compared, not in time: the same file always gets the same suggestions.
    """

    def __init__(self, budget: int = BUDGET) -> None:
        self.budget = budget
        self.spent = 0
        self._is_exhausted = False
        self._known: Collection[str] = ()
        self._names: list[str] = []
        self._characters = 0
        self._answers: dict[str, str | None] = {}

    def nearest(self, word: str, known: Collection[str]) -> str | None:
        """The known name that is most like the word; None when none is like it, or when the budget is spent."""
        if self._is_exhausted or not 0 < len(word) <= _LONGEST:
            return None
        if known is not self._known or len(known) != len(self._names):
            # A loop over a file asks with the same names again and again, and often with the same slip.
            self._known, self._names, self._answers = known, list(known), {}
            self._characters = sum(map(len, self._names))
        if word not in self._answers:
            self._answers[word] = self._compared(word)
        return self._answers[word]

    def _compared(self, word: str) -> str | None:
        # Beyond 64 characters the comparison goes over a name once more for each further 64.
        work = (self._characters + _EACH * len(self._names)) * (1 + len(word) // 64)
        if self.spent + work > self.budget:
            self._is_exhausted = True
            return None
        self.spent += work
        # Imported late: a command without a slip needs none of it.
        from rapidfuzz.distance import Indel  # noqa: PLC0415
        from rapidfuzz.process import extractOne  # noqa: PLC0415

        found = extractOne(word, self._names, scorer=Indel.normalized_similarity, score_cutoff=_LEAST_ALIKE)
        return found[0] if found else None


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
    """The known name that is most like the word: for a single question, or within `one_budget`."""
    return (_OF_THE_RUN.get() or Suggestions()).nearest(word, known)
