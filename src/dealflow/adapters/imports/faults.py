"""What is wrong with a record of another system, and where it stands."""

from collections.abc import Iterator

from dealflow.adapters.imports.mapping.model import Choices, When
from dealflow.application.imports.plans import Cost

BETWEEN_COLUMNS = ", "


class RecordFault(Exception):
    """Why a record, or a fact of it, cannot be used: the column to blame, what is wrong, and the nearest right word."""

    unknown_value = False
    is_doubt = False  # the value was read, and is to be looked at

    def __init__(self, field: str, reason: str, value: str = "", suggestion: str | None = None) -> None:
        self.field, self.reason, self.value = field, reason, value
        self.suggestion = suggestion
        super().__init__(f"{field}: {reason}")


def cost_of(fault: RecordFault) -> Cost:
    """What a fault of one value costs."""
    return "doubt" if fault.is_doubt else "field"


def names_in(choices: Choices) -> Iterator[str]:
    """The columns of a text."""
    return (column.name for template in choices for column in template.columns)


def named(choices: Choices) -> str:
    """The columns of a text, for whoever has to look at them."""
    return BETWEEN_COLUMNS.join(dict.fromkeys(names_in(choices)))


def columns(when: When) -> str:
    """The columns of an instant."""
    return named(when.choices) or "snapshot"
