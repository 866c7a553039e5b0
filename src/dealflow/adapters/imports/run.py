"""What every import does around its plans: the shift of its source, the file of rejects, the memory of its batches."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from time import monotonic
from typing import NoReturn

from dealflow.adapters.files.located_yaml import LocatedProblem
from dealflow.adapters.imports.acts import export_of
from dealflow.adapters.imports.cells import personal_columns
from dealflow.adapters.imports.columns.read import ColumnForms
from dealflow.adapters.imports.kept_plans import KeptPlans
from dealflow.adapters.imports.mapping.before import file_of, is_read_as, marks_of
from dealflow.adapters.imports.mapping.file import ImportInvalid
from dealflow.adapters.imports.mapping.meaning import without_values_of
from dealflow.adapters.imports.mapping.model import ImportMapping
from dealflow.adapters.imports.memory import ImportMemory, shift_to_today
from dealflow.adapters.imports.rejects import RejectsFile, Say
from dealflow.application.imports.following.gone import FullExport
from dealflow.application.imports.keys import Export
from dealflow.application.imports.mappings.compare import read_otherwise
from dealflow.application.imports.mappings.counted import ReadOtherwise
from dealflow.application.imports.plans import FIVE_PERCENT, ImportReport, MostRejects, Plans, Reject, Shift
from dealflow.application.imports.progress import ImportWalk, OnProgress, nowhere
from dealflow.application.imports.record import CRM_CSV, ImportGiven
from dealflow.application.imports.run import Imports, Terms
from dealflow.domain.deal.commands import Who
from dealflow.domain.deal.events import ImportedFile, ShiftedBy
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.values.phrase import Phrase, phrase


@dataclass(frozen=True, kw_only=True)
class ImportRequest:
    """What is asked of every import of these files.

    `rejects` replaces the file in home, `most_gone` is how many deals that are gone from a full export may be cancelled, where
    somebody has said it, `reread`: deals on record may be read otherwise than before. `say` gives the reasons in its readers'
    language. `began` is when the import began for whoever waits for it, by a clock that only counts seconds.
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
    reread: bool = False
    say: Say = str
    began: float = field(default_factory=monotonic)


@dataclass(frozen=True)
class Done:
    """The report, and the file of rejects if there were any and something was written.

    `otherwise` is what of the deals on record is read otherwise than before; `is_stopped`: nothing was written for that.
    `before_record` is how many imports of the source are of a time before imports were on record, where none is since: by
    which mapping its deals were read is not known.
    """

    report: ImportReport
    rejects_file: Path | None
    otherwise: ReadOtherwise | None = None
    is_stopped: bool = False
    before_record: int = 0


@dataclass(frozen=True)
class FilesRead:
    """The files of an import: by which command, by which forms; `again` reads them by another mapping and other forms."""

    command: str
    files: tuple[ImportedFile, ...]
    forms: ColumnForms
    again: Callable[[Path, ColumnForms], Plans]


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
        read: FilesRead,
        *,
        first: Callable[[], None] = lambda: None,
        organisation: Organisation | None = None,
        progressed: OnProgress = nowhere,
    ) -> Done:
        """Take in the plans; `first` is done before the first write, `organisation` is the one that it leaves.

        Where deals on record would be read otherwise than before, nothing is written but with `reread`.
        """
        request, export = self.request, export_of(self.mapping)
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
            given=self._given(read, export, shift),
        )
        with KeptPlans(plans) as kept:
            otherwise = self._otherwise(kept, read, terms, progressed)
            rereads = otherwise is not None and request.reread and not otherwise.only_undone
            writes = not request.dry_run and (otherwise is None or rereads)
            terms = replace(terms, given=replace(terms.given, reread=rereads), dry_run=not writes)
            path = rejects_path(request.rejects, request.home, self.mapping.source, self.now, writes=writes)
            with self.memory.alone() if writes else nullcontext():
                with RejectsFile(path, request.say) as rejects:

                    def begin() -> None:
                        rejects.restart()
                        first()

                    rejected = rejects.add if writes else _not_written
                    report = self.imports.import_deals(
                        # A dry run goes through them once.
                        kept if writes or otherwise else plans,
                        terms,
                        begin=begin,
                        rejected=rejected,
                        progressed=progressed,
                    )
                if writes and not report.events and not report.strict_stop and not report.too_many_rejects:
                    self.memory.note(export)
        taken = {"seconds": round(monotonic() - request.began, 3), "seconds_looking": round(looking, 3)}
        report = report.model_copy(update={**taken, "dry_run": request.dry_run})
        stopped = otherwise is not None and not writes and not request.dry_run
        rejects_file, before = path if rejects.count else None, self._before_record()
        return Done(report, rejects_file, otherwise, is_stopped=stopped, before_record=before)

    def _before_record(self) -> int:
        if self.record.batches:
            return 0
        records, source = self.imports.records, self.mapping.source
        return len(records.not_on_record([*records.of(source).batches.values()], source))

    def _otherwise(self, plans: Plans, read: FilesRead, terms: Terms, progressed: OnProgress) -> ReadOtherwise | None:
        """What of the deals on record is read otherwise than by the last import of these files; None where nothing is."""
        last, mapping = self.record.last_of(terms.given.export.file), self.mapping
        if last is None or is_read_as(last.begun, mapping, read.forms.times, read.forms.marks):
            return None

        def heard(rows: int) -> None:
            progressed(ImportWalk.COMPARE, rows, max(plans.total, rows))

        try:
            with file_of(last.begun, mapping, personal_columns(mapping)) as mapping_file:
                before = read.again(mapping_file, ColumnForms(last.begun.times, marks_of(last.begun)))
                process, known = mapping.process.definition, self.imports.on_record
                found = read_otherwise(before, plans, process, known, last.id, heard)
        except ImportInvalid:
            # These files are not as those were: what is followed says what would change.
            report = self.imports.import_deals(plans, replace(terms, dry_run=True), progressed=progressed)
            first = tuple(dict.fromkeys(deal for each in report.followed for deal in each.first))
            return ReadOtherwise(batch=last.id, compared=False, first_deals=first) if report.followed else None
        # Facts of a log are known by their instants.
        moved = found is not None and any(one.what in ("id", "date", "fact_gone") for one in found.kinds)
        return found.model_copy(update={"only_undone": moved and read.command != CRM_CSV}) if found else None

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

    def _given(self, read: FilesRead, export: Export, shift: Shift | None) -> ImportGiven:
        mapping = self.mapping
        return ImportGiven(
            command=read.command,
            files=read.files,
            mapping=without_values_of(mapping.content, frozenset(personal_columns(mapping))),
            mapping_digest=mapping.digest,
            export=export,
            times=read.forms.times,
            marks=read.forms.marks,
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
