"""Which people, or calendars, count: those on record in the store, or in a home of one's own those of its file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from dealflow.application.house.versions import Versions
from dealflow.application.ports.store import StoreUnreachable
from dealflow.domain.values.phrase import Phrase, phrase
from dealflow.domain.values.refusal import CommandRefused
from dealflow.observability.logs import Log, emit

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
_SHOWN = 12


class FileOfHouse(Protocol[T_co]):
    """A file that people edit: read again when it changes."""

    path: Path

    def current(self) -> T_co:
        """The last good contents, what counts without a file where there is none; raises where there has not been any."""
        ...

    def known(self) -> T_co | None:
        """The same; None where there has not been any."""
        ...

    def checked(self) -> T_co:
        """The contents as they stand; raises what is wrong with the file."""
        ...


class HouseFilesDiffer(StoreUnreachable):
    """A part is not started on a computer whose file is another one than what counts in the store."""


@dataclass(frozen=True, slots=True)
class FileDiffers:
    """This computer's file is another one than what counts in the store."""

    file: Path
    digest: str
    counts: str

    @property
    def said(self) -> Phrase:
        """With both digests."""
        return phrase(
            "{file} ({digest}) is not what counts in the store ({counts})",
            file=str(self.file),
            digest=self.digest[:_SHOWN],
            counts=self.counts[:_SHOWN],
        )


class InForce(Generic[T]):
    """Safe to use from several threads.

    `is_own`: the file belongs to the home that holds the store, so it counts, and each version of it is put on record before
    it is used, unless the store is only read (`writes` is false). Else the last version on record counts, whatever the
    file says; it counts only while there is none on record.
    """

    def __init__(self, file: FileOfHouse[T], versions: Versions[T], *, is_own: bool, writes: bool) -> None:
        self.file, self.versions, self.is_own = file, versions, is_own
        self._writes = writes
        self._on_record: T | None = None
        self._digested: tuple[T, str] | None = None
        self._followed = self._refused = ""
        self._told = ("", "")

    def current(self) -> T:
        """What decisions and readings go by."""
        if self.is_own:
            return self._of_home()
        last = self.versions.last()
        return last.value if last else self.file.current()

    def is_gone(self) -> bool:
        """Whether a home's file is not there any more, so that what is on record last counts."""
        found, kept = self.file.known(), self.versions.kept
        if not self.is_own or not kept.outlives_file or found is None:
            return False
        return kept.is_nothing(found) and self.versions.number() > 0

    def differs(self) -> FileDiffers | None:
        """Whether this computer's file is another one than what counts; None where it is the same, or there is none."""
        last = None if self.is_own else self.versions.last()
        if last is None:
            return None
        value, kept = self.file.known(), self.versions.kept
        if value is None or kept.is_nothing(value) or (digest := self._digest_of(value)) == last.digest:
            return None
        return FileDiffers(self.file.path, digest, last.digest)

    def must_agree(self, load: str) -> None:
        """HouseFilesDiffer where a part would run beside another file; `load` is the command that loads it."""
        if self.is_own or self.versions.number() == 0:
            return
        self.file.checked()
        if differs := self.differs():
            raise HouseFilesDiffer(
                phrase(
                    "{differs}; put the file there that counts, or load this one: `dealflow {load} {file}`",
                    differs=differs.said,
                    load=load,
                    file=str(differs.file),
                )
            )

    def follow_file(self, *, leads: bool) -> None:
        """Put on record what has changed in the file; `leads`: of all computers this one's file is followed.

        It is followed only while it was what counts before it changed: whoever comes to lead with another file, or finds
        that another version was loaded meanwhile, goes by the store and says so.
        """
        if self.is_own:
            if self.file.known() is not None:
                self.current()
            return
        kept, last, value = self.versions.kept, self.versions.last(), self.file.known()
        if value is None or kept.is_nothing(value):
            return
        digest = self._digest_of(value)
        if last is not None and digest == last.digest:
            self._followed, self._told = digest, ("", "")
        elif not leads or (last is not None and self._followed != last.digest):
            self._followed = ""
            self._tell(digest, last.digest if last else "")
        elif self._refused != digest:
            self._record_loadable(value, digest)

    def _of_home(self) -> T:
        value, kept = self.file.current(), self.versions.kept
        if value is self._on_record:
            return value
        if kept.is_nothing(value):
            last = self.versions.last() if kept.outlives_file else None
            return last.value if last else value
        if self._writes:
            self._record(value, self._digest_of(value))
            self._on_record = value
        return value

    def _digest_of(self, value: T) -> str:
        # A file that has not changed since is the same value.
        if self._digested is None or self._digested[0] is not value:
            self._digested = value, self.versions.kept.digest_of(value)
        return self._digested[1]

    def _record_loadable(self, value: T, digest: str) -> None:
        try:
            self.versions.kept.check(value)
        except CommandRefused as refused:
            self._refused = digest
            emit(Log.HOUSE_REFUSED, "error", file=str(self.file.path), digest=digest, reason=str(refused))
        else:
            self._record(value, digest)

    def _record(self, value: T, digest: str) -> None:
        done = self.versions.read_from(self.file.path, value)
        if done.new:
            emit(Log.HOUSE_RECORDED, stream=done.stream, version=done.version, file=str(self.file.path), digest=digest)
        self._followed = digest

    def _tell(self, digest: str, counts: str) -> None:
        if counts and self._told != (digest, counts):
            self._told = (digest, counts)
            emit(Log.HOUSE_DIFFERS, "warning", file=str(self.file.path), digest=digest, counts=counts)
