"""`replace` for a deal's state and the context of a decision: as strict as `dataclasses.replace`, in a tenth of the time."""

from typing import TYPE_CHECKING, Any

__all__ = ["replace", "replace_in"]


if TYPE_CHECKING:
    # The type checker checks the names of the fields only for this function.
    from dataclasses import replace
    from dataclasses import replace as replace_in
else:

    def replace(value: Any, /, **changes: Any) -> Any:
        """The value with these fields changed; TypeError for a name that is no field. Neither `__init__` nor checks run again."""
        copy = object.__new__(type(value))
        # A dictionary is copied at once, slots one by one; so these classes have no slots.
        fields = copy.__dict__
        fields.update(value.__dict__)
        known = len(fields)
        fields.update(changes)
        # Every field has a value, so only an unknown name makes the dictionary longer. This check costs nothing.
        if len(fields) != known:
            raise _misspelt(value, changes)
        return copy

    def replace_in(value: Any, /, **changes: Any) -> None:
        """Change a value in place. Only for a fresh copy that nothing else holds."""
        fields = value.__dict__
        known = len(fields)
        fields.update(changes)
        if len(fields) != known:
            raise _misspelt(value, changes)

    def _misspelt(value: Any, changes: dict[str, Any]) -> TypeError:
        names = sorted(changes.keys() - value.__dataclass_fields__.keys())
        return TypeError(f"{type(value).__name__} has no field {', '.join(names)}")
