"""What every import does around its plans: the shift of its source, the file of rejects, the memory of its batches."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from time import monotonic
from typing import NoReturn

from dealflow.adapters.files.located_yaml import LocatedProblem
from dealflow.adapters.imports.acts import export_of
from dealflow.adapters.imports.cells import personal_columns
from dealflow.adapters.imports.kept_plans import KeptPlans
from dealflow.adapters.imports.mapping.file import ImportInvalid
from dealflow.adapters.imports.mapping.meaning import without_values_of
from dealflow.adapters.imports.mapping.model import ImportMapping
from dealflow.adapters.imports.memory import ImportMemory, shift_to_today
from dealflow.adapters.imports.rejects import RejectsFile, Say
from dealflow.application.imports.following.gone import FullExport
from dealflow.application.imports.keys import Export
from dealflow.application.imports.plans import FIVE_PERCENT, ImportReport, MostRejects, Plans, Reject, Shift
from dealflow.application.imports.progress import OnProgress, nowhere
from dealflow.application.imports.record import ImportGiven
from dealflow.application.imports.run import Imports, Terms
from dealflow.domain.deal.commands import Who
from dealflow.domain.deal.events import ImportedFile, ShiftedBy
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.values.phrase import Phrase, phrase


@dataclass(frozen=True, kw_only=True)
class ImportRequest:
    """What is asked of every import of these files.

    `most_gone` is how many deals that are gone from a full export may be cancelled, where somebody has said it.
    `rejects` replaces the file in home, `say` gives the reasons in its readers' language. `began` is when the import began
    for whoever waits for it, by a clock that only counts seconds.
    """

    files: tuple[Path, ...]
    mapping: Path
    who: Who
    home: Path
    rejects: Path | None = None
    dry_run: bool = False
    strict: bool = False
    most_rejects: MostRejects = FIVE_PERCENT
    most_gone: MostRejects | None = None
    shift_to_today: bool = False
    say: Say = str
    began: float = field(default_factory=monotonic)


@dataclass(frozen=True)
class Done:
    """The report, and the file of rejects if there were any and something was written."""

    report: ImportReport
    rejects_file: Path | None


class ImportRun:
    """One import from its mapping on; ImportInvalid where the mapping says that the files were exported after `now`."""

    def __init__(self, request: ImportRequest, mapping: ImportMapping, imports: Imports, now: datetime) -> None:
        self.request, self.mapping, self.imports, self.now = request, mapping, imports, now
        self.memory = ImportMemory(request.home, mapping.source)
        self.record = imports.records.of(mapping.source)
        exported = mapping.exported_at
        if exported is not None and exported > now:
            # Every export to come would be an older one, and change nothing.
            self._refuse_future(
                mapping.exported_place, phrase("the export {at} lies in the future", at=_minutes(exported))
            )

    def shift(self, latest: Callable[[], datetime | None]) -> Shift | None:
        """The shift of an earlier import of this source, else the one that is asked for; `latest` is its last instant."""
        remembered = self.memory.read()
        last = self.record.last
        used = _shift_of(self.record.shift) if last else remembered.shift
        if used is not None:
            return used.model_copy(update={"stored": True})
        if not self.request.shift_to_today:
            snapshot = self.mapping.snapshot
            if snapshot is not None and snapshot > self.now:
                self._refuse_future(
                    self.mapping.snapshot_place, phrase("the snapshot {at} lies in the future", at=_minutes(snapshot))
                )
            return None
        if last or remembered.imported:
            wrong = phrase(
                "'{source}' was imported with its own dates, so they cannot be shifted now", source=self.mapping.source
            )
            problem = LocatedProblem(
                file=self.mapping.file,
                line=1,
                column=1,
                rule="shift",
                message=wrong,
                right=phrase("use another home"),
            )
            raise ImportInvalid([problem])
        return shift_to_today(latest(), self.mapping.snapshot, self.now)

    def _refuse_future(self, place: tuple[int, int], wrong: Phrase) -> NoReturn:
        line, column = place
        problem = LocatedProblem(file=self.mapping.file, line=line, column=column, rule="future", message=wrong)
        raise ImportInvalid([problem])

    def carry_out(
        self,
        plans: Plans,
        shift: Shift | None,
        files: tuple[ImportedFile, ...],
        *,
        command: str,
        first: Callable[[], None] = lambda: None,
        organisation: Organisation | None = None,
        progressed: OnProgress = nowhere,
    ) -> Done:
        """Take in the plans; `first` is done before the first write, `organisation` is the one that it leaves."""
        request, writes, export = self.request, not self.request.dry_run, export_of(self.mapping)
        looking = monotonic() - request.began
        terms = Terms(
            who=request.who,
            now=self.now,
            dry_run=request.dry_run,
            strict=request.strict,
            most_rejects=request.most_rejects,
            shift=shift,
            organisation=organisation,
            exported_at=self._exported_at(export),
            full=self._full(export),
            given=self._given(files, command, export, shift),
        )
        path = rejects_path(request.rejects, request.home, self.mapping.source, self.now, writes=writes)
        with self.memory.alone() if writes else nullcontext():
            with RejectsFile(path, request.say) as rejects, KeptPlans(plans) as kept:

                def begin() -> None:
                    rejects.restart()
                    first()

                rejected = rejects.add if writes else _not_written
                # A dry run goes through them once.
                given = kept if writes else plans
                report = self.imports.import_deals(given, terms, begin=begin, rejected=rejected, progressed=progressed)
            if writes and not report.events and not report.strict_stop and not report.too_many_rejects:
                self.memory.note(export)
        taken = {"seconds": round(monotonic() - request.began, 3), "seconds_looking": round(looking, 3)}
        return Done(report.model_copy(update=taken), path if rejects.count else None)

    def _exported_at(self, export: Export) -> datetime | None:
        """When the latest export of these files was taken, whatever it brought."""
        known = (self.record.exported_at(export.file), self.memory.read().latest(export))
        return max((at for at in known if at is not None), default=None)

    def _full(self, export: Export) -> FullExport | None:
        """Where this is all that its source has; an older export says nothing of what has come since."""
        follows, last = self.mapping.follows, self._exported_at(export)
        is_older = export.at is not None and last is not None and export.at.replace(microsecond=0) < last
        if not follows.full or is_older:
            return None
        return FullExport(export, follows.gone_cancelled, self.request.most_gone)

    def _given(self, files: tuple[ImportedFile, ...], command: str, export: Export, shift: Shift | None) -> ImportGiven:
        mapping = self.mapping
        return ImportGiven(
            command=command,
            files=files,
            mapping=without_values_of(mapping.content, frozenset(personal_columns(mapping))),
            mapping_digest=mapping.digest,
            export=export,
            shift=ShiftedBy(days=shift.days, last_day=shift.last_day, snapshot=shift.snapshot) if shift else None,
        )


def _shift_of(shift: ShiftedBy | None) -> Shift | None:
    return Shift(days=shift.days, last_day=shift.last_day, snapshot=shift.snapshot) if shift else None


def _minutes(at: datetime) -> str:
    return at.isoformat(timespec="minutes")


def rejects_path(asked: Path | None, home: Path, source: str, now: datetime, *, writes: bool = True) -> Path:
    """Where the rejected rows go; ImportInvalid where they are to be written and cannot be."""
    path = asked or home / "rejects" / f"{source}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.csv"
    if writes:
        _must_be_writable(path)
    return path


def _must_be_writable(path: Path) -> None:
    """Found out before anything is written: the first reject may come when half of the deals are in the store."""
    try:
        if path.is_dir():
            reason = phrase("it is a folder")
        elif path.exists():
            path.open("ab").close()
            return
        else:
            # A file is made, since what the system says of permissions is not true for root.
            above = next(parent for parent in path.resolve().parents if parent.exists())
            TemporaryFile(dir=above).close()
            return
    except (OSError, RuntimeError) as error:  # the latter for links that go round in a circle
        reason = Phrase(getattr(error, "strerror", None) or str(error), {})
    wrong = phrase("the rejected rows cannot be written here: {reason}", reason=reason)
    raise ImportInvalid([LocatedProblem(file=str(path), line=1, column=1, rule="rejects", message=wrong)])


def _not_written(_: Reject) -> None:
    """A dry run writes no file; the report has the first rejects and all reasons."""
