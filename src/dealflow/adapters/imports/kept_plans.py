"""The plans of an import are made in one walk through its files, and kept on disk for the walks that follow."""

import pickle
from collections.abc import Iterator
from contextlib import ExitStack
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Self

from dealflow.application.imports.plans import DealPlan, Plans, Reject, in_groups

_AT_ONCE = 100


class KeptPlans:
    """The plans of another; the first walk that comes to the end is kept, and later ones read what it gave.

    Before it writes, an import counts what cannot be used: so its plans are gone through twice, and made once.
    Where the disk has no room for them, they are made anew.
    """

    def __init__(self, plans: Plans) -> None:
        self._plans = plans
        self._kept: IO[bytes] | None = None
        self._count = 0
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    @property
    def source(self) -> str:
        """The name of the other system."""
        return self._plans.source

    @property
    def process(self) -> str:
        """The version of the process that new deals are opened by."""
        return self._plans.process

    @property
    def batch(self) -> str:
        """The batch of these files and this mapping."""
        return self._plans.batch

    @property
    def total(self) -> int:
        """How many there are, exactly once they have been gone through."""
        return self._plans.total if self._kept is None else self._count

    def nearest(self, place: str, value: str) -> str | None:
        """What there is instead of a value that was found nowhere."""
        return self._plans.nearest(place, value)

    def __iter__(self) -> Iterator[DealPlan | Reject]:
        return self._made() if self._kept is None else self._read(self._kept)

    def _made(self) -> Iterator[DealPlan | Reject]:
        file, count = self._new_file(), 0
        for some in in_groups(self._plans, _AT_ONCE):
            count += len(some)
            file = _written(some, file)
            yield from some
        self._kept, self._count = _written([], file), count

    def _new_file(self) -> IO[bytes] | None:
        """A file without a name, which nobody else can open, and which is gone with this process."""
        try:
            return self._open.enter_context(TemporaryFile(prefix="dealflow-"))
        except OSError:
            return None

    def _read(self, file: IO[bytes]) -> Iterator[DealPlan | Reject]:
        file.seek(0)
        while some := pickle.load(file):  # noqa: S301  written by this object, into a file that nobody else can open
            yield from some


def _written(some: list[DealPlan | Reject], file: IO[bytes] | None) -> IO[bytes] | None:
    """The file with these behind what it holds; None where there is none, or no room in it."""
    if file is not None:
        try:
            pickle.dump(some, file, pickle.HIGHEST_PROTOCOL)
            file.flush()
        except OSError:
            return None
    return file
