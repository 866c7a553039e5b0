"""The calendars as `calendars.yaml` has them now: read again when the file changes, without a restart."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock

from dealflow.adapters.calendars.business import BusinessCalendars, UnknownCalendar
from dealflow.adapters.calendars.file import CalendarFileInvalid
from dealflow.adapters.files.located_yaml import LocatedProblem
from dealflow.adapters.files.mark import FileMark, mark_of
from dealflow.domain.process.calendar import Deadline
from dealflow.domain.values.duration import Duration
from dealflow.domain.values.phrase import Phrase, phrase, phrase_of
from dealflow.domain.values.refusal import Code, refuse
from dealflow.observability.logs import Log, emit


class CalendarFile:
    """Safe to use from several threads. A file that cannot be used takes away no calendar that was read before, nor a shipped one.

    `is_named`: a setting names the file, so that it has to be there.
    """

    def __init__(self, path: Path, *, is_named: bool = False) -> None:
        self.path, self._is_named = path, is_named
        self._error: CalendarFileInvalid | None = None
        self._good = BusinessCalendars()
        self._read: FileMark | None = None
        self._is_first = True
        self._has_file = is_named
        self._lock = Lock()

    def current(self) -> BusinessCalendars:
        """The last good calendars; where there have not been any since the start, those that are shipped."""
        with self._lock:
            mark = mark_of(self.path)
            if self._is_first or mark != self._read:
                self._reload(mark)
            return self._good

    def known(self) -> BusinessCalendars:
        """The same: there are always those that are shipped."""
        return self.current()

    def checked(self) -> BusinessCalendars:
        """The calendars of the file as it stands; CalendarFileInvalid where it cannot be used."""
        found = self.current()
        if self._error is not None:
            raise self._error
        return found

    @property
    def problems(self) -> tuple[LocatedProblem, ...]:
        """What is wrong with the file as it stands."""
        self.current()
        return tuple(self._error.problems) if self._error else ()

    @property
    def found_wrong(self) -> LocatedProblem | None:
        """The first thing that was wrong with the file when it was read; None where nobody has needed it."""
        return self._error.problems[0] if self._error else None

    def _reload(self, mark: FileMark | None) -> None:
        is_first, self._is_first, self._read = self._is_first, False, mark
        if mark is None and not self._has_file:
            return
        self._has_file = True
        try:
            self._good, self._error = BusinessCalendars(self.path), None
        except CalendarFileInvalid as error:
            self._error = error
            if not is_first:
                problems = [str(each) for each in error.problems]
                emit(Log.CALENDARS_BROKEN, "error", file=str(self.path), problems=problems)
        else:
            if not is_first:
                emit(Log.CALENDARS_RELOADED, file=str(self.path), calendars=sorted(self._good.names))


@dataclass(frozen=True, slots=True)
class NamedCalendar:
    """A calendar that is looked up each time; CommandRefused where there is none of its name, and nothing is computed."""

    name: str
    calendars: Callable[[], BusinessCalendars]
    file: CalendarFile

    def after(self, start: datetime, length: Duration) -> Deadline:
        """The instant when `length` has passed since `start`."""
        try:
            return self.calendars().get(self.name).after(start, length)
        except UnknownCalendar as error:
            raise refuse(
                Code.CALENDAR_MISSING, self.name, wrong=self._why(phrase_of(error)), file=str(self.file.path)
            ) from error

    def _why(self, unknown: Phrase) -> Phrase:
        problems = self.file.problems
        return phrase("{unknown}; {problem}", unknown=unknown, problem=problems[0].said) if problems else unknown
