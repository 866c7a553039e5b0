"""By what a file that people edit is known to be another one than was read."""

from pathlib import Path

FileMark = tuple[int, int, int]


def mark_of(path: Path) -> FileMark | None:
    """Time of change, size and number of the file; None where there is none, or none that may be looked at."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
