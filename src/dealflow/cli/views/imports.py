"""An import as a person reads it: what came of it, and what could not be used or was not understood."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from dealflow.adapters.imports.csv.run import CsvImported
from dealflow.adapters.imports.logs.run import LogImported
from dealflow.adapters.imports.logs.survey import Survey
from dealflow.application.imports.plans import (
    Cost,
    ImportReport,
    LikePieceKind,
    Reject,
    RejectReason,
    RespelledColumn,
    Unmatched,
)
from dealflow.application.imports.progress import ImportWalk
from dealflow.cli.errors import DONE, REFUSED
from dealflow.cli.output import print_json, reader, say
from dealflow.cli.tables import cell, print_heading, print_pairs, print_table
from dealflow.cli.views.imports_columns import print_columns
from dealflow.cli.views.imports_followed import print_followed
from dealflow.cli.views.look_alike import look_alike_line
from dealflow.cli.views.read_otherwise import print_before_record, print_read_otherwise, print_stopped
from dealflow.domain.values.phrase import Phrase, counted, phrase

_SHOWN = 10
_LOOK_IS_TOLD = 0.1
_COSTS: dict[Cost, Phrase] = {
    "deal": phrase("the deal"),
    "fact": phrase("this fact"),
    "field": phrase("this value"),
    "nothing": phrase("nothing"),
    "doubt": phrase("nothing: it is read"),
}


def print_tables_imported(done: CsvImported, people_file: Path) -> int:
    """Print what came of an import of tables; the exit code."""
    if reader().json:
        print_json(_document(done))
    else:
        _print(done, people_file)
    return REFUSED if done.is_stopped else _code(done.report)


def print_log_imported(done: LogImported) -> int:
    """Print what came of an import of an event log; the exit code."""
    if reader().json:
        print_json(_log_document(done))
    else:
        _print_log(done)
    return REFUSED if done.is_stopped else _code(done.report)


def _code(report: ImportReport) -> int:
    """A source of which no record could be used is refused."""
    stopped = report.strict_stop or report.too_many_rejects or (report.gone.too_many and not report.dry_run)
    return REFUSED if stopped or _is_all_rejected(report) else DONE


def _is_all_rejected(report: ImportReport) -> bool:
    """No record of the source could be used."""
    return report.rows > 0 and report.deals == 0


def _document(done: CsvImported) -> dict[str, object]:
    merged = done.people
    return {
        **done.report.model_dump(mode="json"),
        "people_added": list(merged.added) if merged else [],
        "people_conflicts": [str(conflict) for conflict in merged.conflicts] if merged else [],
        "people_respelled": [column.model_dump(mode="json") for column in done.people_respelled],
        "people_rejects": [reject.model_dump(mode="json") for reject in done.people_rejects],
        "rejects_file": str(done.rejects_file) if done.rejects_file else None,
        "unused_files": [str(path) for path in done.unused],
        "passed_over": done.passed_over,
        "read_otherwise": done.otherwise.model_dump(mode="json") if done.otherwise else None,
        "reread_stop": done.is_stopped,
        "imports_before_record": done.before_record,
    }


def _log_document(done: LogImported) -> dict[str, object]:
    """A report with what was found in the log."""
    return {
        **done.report.model_dump(mode="json"),
        "traces_read": done.found.traces,
        "events_read": done.found.events,
        "never_occur": [{"activity": one.value, "suggestion": one.suggestion} for one in done.found.never],
        "rejects_file": str(done.rejects_file) if done.rejects_file else None,
        "unused_files": [str(path) for path in done.unused],
        "passed_over": done.passed_over,
        "read_otherwise": done.otherwise.model_dump(mode="json") if done.otherwise else None,
        "reread_stop": done.is_stopped,
        "imports_before_record": done.before_record,
    }


def _print(done: CsvImported, people_file: Path) -> None:
    to = reader()
    if done.is_stopped:
        print_stopped(done.otherwise)
    _print_counts(done.report, passed_over=done.passed_over)
    if done.people:
        added = len(done.people.added)
        say(to.counted("{n} person is new in {file}", "{n} people are new in {file}", added, file=str(people_file)))
        for conflict in done.people.conflicts[:_SHOWN]:
            say(f"  {cell(conflict.said)}")
    _print_respelled(phrase("People who are kept in another spelling"), done.people_respelled)
    _print_faults(done.report, done.rejects_file)
    _print_unused(done.unused)
    print_read_otherwise(done.otherwise, is_stopped=done.is_stopped, is_dry=done.report.dry_run)
    print_before_record(done.before_record)
    _print_last(done.report)


def _print_log(done: LogImported) -> None:
    if done.is_stopped:
        print_stopped(done.otherwise)
    _print_counts(done.report, [(phrase("Events of the log"), f"{done.found.events:,}")], passed_over=done.passed_over)
    _print_never(done.found)
    _print_faults(done.report, done.rejects_file)
    _print_unused(done.unused)
    print_read_otherwise(done.otherwise, is_stopped=done.is_stopped, is_dry=done.report.dry_run)
    print_before_record(done.before_record)
    _print_last(done.report)


def _print_unused(paths: Sequence[Path]) -> None:
    for path in paths:
        say(reader().t("{file} is named by no table of the mapping", file=str(path)))


def _print_never(found: Survey) -> None:
    """Attributes and activities that the mapping names and the log has not."""
    if found.never:
        print_heading("Of the mapping, what never occurs in the log")
        rows = [(one.value, one.suggestion) for one in found.never[:_SHOWN]]
        print_table(("Value", "Nearest"), rows, indent=2)
        _more(len(found.never))


def _print_counts(report: ImportReport, more: Sequence[tuple[str, object]] = (), *, passed_over: int = 0) -> None:
    to = reader()
    if report.too_many_rejects:
        numbers = {"rejected": f"{report.rejected_records:,}", "records": f"{report.records:,}"}
        said = (
            phrase(
                "A dry run: nothing was written. An import would stop, since something in {rejected} of {records} records"
                " cannot be read or mapped: mend the mapping or the file, or allow more with --most-rejects.",
                **numbers,
            )
            if report.dry_run
            else phrase(
                "Stopped before anything was written, since something in {rejected} of {records} records cannot be read or"
                " mapped: mend the mapping or the file, or allow more with --most-rejects.",
                **numbers,
            )
        )
        say(to.t(said))
    elif report.gone.too_many:
        numbers = {"gone": f"{report.gone.open:,}", "known": f"{report.gone.known:,}"}
        said = (
            phrase(
                "A dry run: nothing was written. An import would stop, since {gone} of {known} deals are gone from the file,"
                " which may be half of an export: allow them with --most-gone, or take `gone` out of the mapping.",
                **numbers,
            )
            if report.dry_run
            else phrase(
                "Stopped before anything was written, since {gone} of {known} deals are gone from the file, which may be half"
                " of an export: allow them with --most-gone, or take `gone` out of the mapping.",
                **numbers,
            )
        )
        say(to.t(said))
    elif report.strict_stop:
        say(to.t("Stopped before anything was written: --strict, and some records cannot be used."))
    elif report.dry_run:
        say(to.t("A dry run: nothing was written. It would come to:"))
    process, records, *rest = _counts(report)
    left_out = [(phrase("Passed over by only:"), f"{passed_over:,}")] if passed_over else []
    print_pairs([process, *more, *left_out, records, *rest])
    if report.shift:
        moved = to.counted(
            "Every date was moved by {n} day: the last day is {day}",
            "Every date was moved by {n} days: the last day is {day}",
            report.shift.days,
            day=report.shift.last_day.isoformat(),
        )
        say(to.joined([moved, to.t("as in an earlier import")]) if report.shift.stored else moved)


def _print_faults(report: ImportReport, rejects_file: Path | None) -> None:
    """What could not be used, or was not understood."""
    _print_respelled(phrase("Ids and names that are kept in another spelling"), report.respelled)
    _print_look_alikes(report.look_alikes)
    _print_twice(report)
    _print_unknown(phrase("Values found nowhere"), report.unmatched)
    _print_unknown(phrase("Values that the mapping does not know"), report.unknown_values)
    _print_numbers(phrase("Owners who are not in people.yaml"), phrase("Owner"), report.unknown_owners)
    _print_numbers(
        phrase("Owners with nobody above: other directors are told and decide"), phrase("Owner"), report.nobody_above
    )
    print_followed(report)
    _print_early(report)
    _print_rejects(report)
    print_columns(report)
    if rejects_file:
        say(reader().t("The rejected rows are in {file}", file=str(rejects_file)))


def _print_early(report: ImportReport) -> None:
    """What is dated before anything can have happened, and opened no deal."""
    if report.early_dates:
        print_heading("Dated before the mapping's not_before: these open no deal")
        rows = [
            (
                one.deal_id,
                one.what,
                one.at.date().isoformat(),
                one.opened_at.date().isoformat(),
                one.place or f"{one.file}:{one.row}",
            )
            for one in report.early_dates[:_SHOWN]
        ]
        print_table(("Deal", "What", "Dated", "Opens", "Where"), rows, indent=2)
        _more(report.dated_early)


def _print_rejects(report: ImportReport) -> None:
    _print_reasons(
        phrase("What could not be used, by reason"), [each for each in report.reasons if each.costs != "doubt"]
    )
    _print_reasons(
        phrase("What was read, and is to be looked at"), [each for each in report.reasons if each.costs == "doubt"]
    )
    if _is_all_rejected(report):
        say(reader().t("No record of this source could be used."))


def _print_reasons(heading: Phrase, reasons: Sequence[RejectReason]) -> None:
    if not reasons:
        return
    to = reader()
    print_heading(heading)
    rows = [
        (
            each.field,
            each.reason,
            _COSTS[each.costs],
            f"{each.count:,}",
            to.joined([to.t(_place(one)) for one in each.first]),
        )
        for each in reasons[:_SHOWN]
    ]
    print_table(("Field", "Reason", phrase("Costs"), ">Times", "First"), rows, indent=2)
    _more(len(reasons))


def _place(reject: Reject) -> Phrase:
    """Where it stands, with what stands there."""
    where = reject.place or phrase("{file}, row {row}", file=Path(reject.file).name, row=reject.row)
    return phrase("{where}: {value}", where=where, value=repr(reject.value)) if reject.value else where


def _print_last(report: ImportReport) -> None:
    """The count in the last line, so that nobody overlooks it."""
    if not (report.rejected or report.left_out):
        return
    to = reader()
    parts = [
        counted("{n:,} deal", "{n:,} deals", report.rejected_deals) if report.rejected_deals else None,
        counted("{n:,} fact", "{n:,} facts", report.rejected_facts) if report.rejected_facts else None,
        counted("{n:,} value", "{n:,} values", report.left_out) if report.left_out else None,
    ]
    say(to.t("Not taken in: {parts}", parts=to.listed([to.t(part) for part in parts if part])))


def _counts(report: ImportReport) -> Sequence[tuple[str, object]]:
    """The numbers of a report by name, the process first and the time last."""
    won = reader().listed(f"{Decimal(value):,} {currency}" for currency, value in report.won_amount.items())
    return [
        (phrase("Process"), report.process),
        (phrase("Records"), f"{report.rows:,}"),
        (phrase("New deals"), f"{report.new:,}"),
        (phrase("Changed"), f"{report.changed:,}"),
        (phrase("Unchanged"), f"{report.unchanged:,}"),
        (phrase("Rejected"), f"{report.rejected:,}"),
        (phrase("Values left out"), f"{report.left_out:,}" if report.left_out else ""),
        (phrase("Rows passed over"), f"{report.passed_over:,}" if report.passed_over else ""),
        (phrase("Events"), f"{report.events:,}"),
        (phrase("Open"), f"{report.open:,}"),
        (phrase("Won"), f"{report.won:,}" + (f" ({won})" if won else "")),
        (phrase("Lost"), f"{report.lost:,}"),
        (phrase("Cancelled"), f"{report.cancelled:,}" if report.cancelled else ""),
        (phrase("Without owner"), f"{report.without_owner:,}" if report.without_owner else ""),
        (phrase("Without customer"), f"{report.without_customer:,}" if report.without_customer else ""),
        (phrase("Stalled"), f"{report.stalled:,}"),
        (phrase("Backlog escalated"), f"{report.backlog:,}" if report.backlog else ""),
        (phrase("Digests for"), f"{len(report.recipients):,}" if report.recipients else ""),
        (phrase("Claims not applied"), f"{report.claims_not_applied:,}" if report.claims_not_applied else ""),
        (phrase("Took"), _took(report)),
    ]


def _took(report: ImportReport) -> str:
    # Events say nothing of the work where most records were known before.
    if report.seconds <= 0 or not report.rows:
        return reader().t("{seconds} s", seconds=f"{report.seconds:.1f}")
    numbers = {"seconds": f"{report.seconds:.1f}", "rate": f"{report.rows / report.seconds:,.0f}"}
    if report.seconds_looking < _LOOK_IS_TOLD * report.seconds:
        return reader().t("{seconds} s, {rate} records a second", **numbers)
    look = f"{report.seconds_looking:.1f}"
    return reader().t(
        "{seconds} s, {rate} records a second; {look} s of it to look through the files", look=look, **numbers
    )


def walks() -> dict[ImportWalk, str]:
    """What an import is at, as its bar says it."""
    to = reader()
    return {
        ImportWalk.SORT: to.t("Rows put in order"),
        ImportWalk.LOOK: to.t("Records looked through"),
        ImportWalk.DATES: to.t("Records looked through for dates"),
        ImportWalk.COMPARE: to.t("Records compared with what is on record"),
        ImportWalk.MAKE: to.t("Records read"),
        ImportWalk.TAKE_IN: to.t("Records taken in"),
    }


def _print_unknown(heading: str, found: Sequence[Unmatched]) -> None:
    if found:
        print_heading(heading)
        rows = [(one.place, one.value, f"{one.rows:,}", one.suggestion) for one in found[:_SHOWN]]
        print_table(("Where", "Value", ">Rows", "Nearest"), rows, indent=2)
        _more(len(found))


def _print_respelled(heading: str, columns: Sequence[RespelledColumn]) -> None:
    if columns:
        to = reader()
        print_heading(heading)
        print_table(("Where", ">Rows"), [(column.place, f"{column.rows:,}") for column in columns], indent=2)
        for one in (one for column in columns for one in column.first):
            where = {"file": Path(one.file).name, "row": one.row, "column": one.change.place}
            say("  " + to.t("{file}:{row}, {column}: {what}", **where, what=one.change.what))


def _print_twice(report: ImportReport) -> None:
    if report.values_twice:
        to = reader()
        print_heading("Values that may stand once, on record twice or no more")
        for twice in report.values_twice[:_SHOWN]:
            say("  " + to.t(twice.said))
        if report.set_aside:
            say("  " + to.t(counted("{n} piece is set aside", "{n} pieces are set aside", report.set_aside)))


def _print_look_alikes(kinds: Sequence[LikePieceKind]) -> None:
    if kinds:
        to = reader()
        print_heading("Evidence that looks like another piece of its deal, recorded all the same")
        rows = [(one.kind, f"{one.pieces:,}") for one in kinds[:_SHOWN]]
        print_table((phrase("Kind"), ">Pieces"), rows, indent=2)
        for one in (one for each in kinds[:_SHOWN] for one in each.first):
            say("  " + to.t("{place}: {what}", place=one.row, what=look_alike_line(one.look)))
        _more(len(kinds))


def _print_numbers(heading: str, first: str, numbers: Mapping[str, int]) -> None:
    if numbers:
        print_heading(heading)
        print_table((first, ">Records"), [(key, f"{n:,}") for key, n in list(numbers.items())[:_SHOWN]], indent=2)
        _more(len(numbers))


def _more(number: int) -> None:
    if number > _SHOWN:
        say("  " + reader().t("and {n} more; --json has all", n=number - _SHOWN))
