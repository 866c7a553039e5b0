"""What stands for a personal value that nobody can read: its key was destroyed, or is not there."""

ERASED = "(erased)"
LOST = "(key lost)"


def is_unreadable(value: object) -> bool:
    """Whether this is what stands for a value, not one."""
    return value in (ERASED, LOST)
