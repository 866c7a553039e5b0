"""What the domain asks of a rule engine: does this expression hold for this evidence and this deal?"""

from collections.abc import Mapping
from typing import Protocol

from dealflow.domain.values.money import Money
from dealflow.domain.values.phrase import Phrase

# As stored in events: money exact, integers, booleans, and text (dates `2026-11-24`, instants in UTC, numbers as decimals).
FieldValue = Money | bool | int | str


class RuleFailed(Exception):
    """An expression that could not be evaluated on this evidence, for example on a field that is absent."""

    def __init__(self, problem: Phrase) -> None:
        self.problem = problem
        super().__init__(problem)


class Rules(Protocol):
    """Compiled expressions of one process definition; money is whole minor units inside an expression."""

    def holds(self, kind: str, where: str, fields: Mapping[str, FieldValue], deal_amount: Money | None) -> bool:
        """Whether `where` is true of evidence of `kind`; raise RuleFailed when it cannot be said."""
        ...

    def threshold(self, kind: str, expression: str, deal_amount: Money | None) -> Money | int:
        """The value of a sum's `at_least`, or RuleFailed when it cannot be said.

        Money where the expression gives an amount: in the currency that it writes, else the deal's. A whole number
        where it gives one; for a sum of amounts these are minor units.
        """
        ...
