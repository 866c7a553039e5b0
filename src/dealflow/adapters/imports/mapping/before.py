"""The mapping by which files like these were read before, put back into a file so that they can be read by it again."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from dealflow.adapters.imports.mapping.meaning import as_yaml
from dealflow.adapters.imports.mapping.model import ImportMapping
from dealflow.domain.deal.events import ImportBegun
from dealflow.domain.values.written.digits import DecimalMark

# What tells one export from the next, and says nothing of how it is read.
_OF_THE_EXPORT = ("exported_at", "snapshot", "source")


def is_read_as(
    before: ImportBegun, mapping: ImportMapping, times: Mapping[str, object], marks: Mapping[str, object]
) -> bool:
    """Whether this mapping, with these forms of dates and marks of numbers, reads files as they were read before."""
    return before.mapping_digest == mapping.digest and _agree(before.times, times) and _agree(before.marks, marks)


def _agree(before: Mapping[str, object], now: Mapping[str, object]) -> bool:
    return all(now.get(column, form) == form for column, form in before.items())


def marks_of(before: ImportBegun) -> dict[str, DecimalMark]:
    """The decimal marks by which the columns were read."""
    return cast("dict[str, DecimalMark]", before.marks)


@contextmanager
def file_of(before: ImportBegun, mapping: ImportMapping, personal: Iterable[str]) -> Iterator[Path]:
    """A file with the mapping of before, for the files that the mapping of today is for."""
    with TemporaryDirectory(prefix="dealflow-") as folder:
        path = Path(folder) / "mapping.yaml"
        path.write_text(as_yaml(_for_these_files(before, mapping, personal)), encoding="utf-8")
        yield path


def _for_these_files(before: ImportBegun, mapping: ImportMapping, personal: Iterable[str]) -> dict[str, Any]:
    was, now = dict(before.mapping), mapping.content
    was["process"] = before.process
    for key in _OF_THE_EXPORT:
        was.pop(key, None)
        if key in now:
            was[key] = now[key]
    tables, of_today = was.get("tables"), now.get("tables")
    if isinstance(tables, dict) and isinstance(of_today, dict):
        was["tables"] = {role: of_today.get(role, table) for role, table in tables.items()}
    # Corrections of personal columns are not kept, so those of today count.
    corrections, right = was.get("corrections"), now.get("corrections")
    if isinstance(corrections, dict) and isinstance(right, dict):
        hidden = {name: right[name] for name in personal if name in right}
        was["corrections"] = {**corrections, **hidden}
    return was
