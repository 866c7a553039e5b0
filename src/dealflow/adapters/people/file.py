"""The organisation as `people.yaml` has it now: read again when the file changes, without a restart."""

from pathlib import Path
from threading import Lock

from dealflow.adapters.files.located_yaml import LocatedProblem
from dealflow.adapters.files.mark import FileMark, mark_of
from dealflow.adapters.people.reader import PeopleFileError, load_people
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.values.phrase import phrase
from dealflow.observability.logs import Log, emit


class PeopleFile:
    """Safe to use from several threads. A file that a setting names has to be there from the start, else PeopleFileError."""

    def __init__(self, path: Path, *, is_named: bool = False) -> None:
        if is_named and not path.exists():
            load_people(path, is_named=True)
        self.path = path
        self.error: PeopleFileError | None = None
        self._good: Organisation | None = None
        self._read: FileMark | None = None
        self._lock = Lock()

    def current(self) -> Organisation:
        """The last good organisation; PeopleFileError only if there has not been any since the start."""
        with self._lock:
            mark = mark_of(self.path)
            if self._good is None or mark != self._read:
                self._reload(mark)
            if self._good is None:
                assert self.error is not None
                raise self.error
            return self._good

    def known(self) -> Organisation | None:
        """The same; None where there has not been any."""
        try:
            return self.current()
        except PeopleFileError:
            return None

    def checked(self) -> Organisation:
        """The people of the file as it stands; PeopleFileError where it cannot be used."""
        found = self.current()
        if self.error is not None:
            raise self.error
        return found

    def _reload(self, mark: FileMark | None) -> None:
        self._read = mark
        if mark is None and self._good is not None and self._good.declared:
            # Without a file everybody works on every deal, so a file that vanishes must not open that door.
            problem = LocatedProblem(
                file=str(self.path), line=1, column=1, rule="gone", message=phrase("the file is gone")
            )
            self.error = PeopleFileError([problem])
            return
        known = self._good is not None
        try:
            self._good, self.error = load_people(self.path), None
        except PeopleFileError as error:
            self.error = error
            if known:
                emit(Log.PEOPLE_BROKEN, "error", file=str(self.path), problems=[str(each) for each in error.problems])
        else:
            if known:
                emit(Log.PEOPLE_RELOADED, file=str(self.path), people=len(self._good.people))
