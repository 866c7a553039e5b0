"""`replace` for a deal's state and the context of a decision: the same as `dataclasses.replace`, in a tenth of the time."""

from typing import TYPE_CHECKING, Any

__all__ = ["replace", "replace_in"]


def replace_in(value: Any, /, **changes: Any) -> None:
    """Change a value that was copied just now and that nobody else has seen: the second half of a `replace`."""
    value.__dict__.update(changes)


if TYPE_CHECKING:
    from dataclasses import replace
else:

    def replace(value: Any, /, **changes: Any) -> Any:
        """The value with these fields changed. Folding a log does little else, so neither `__init__` nor checks run again."""
        copy = object.__new__(type(value))
        # Whole dictionaries are copied at once, slots one by one: that is why these classes have none.
        fields = copy.__dict__
        fields.update(value.__dict__)
        fields.update(changes)
        return copy
