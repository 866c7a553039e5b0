"""`dealflow import`: deals of another system."""

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer

from dealflow.cli.commands import import_mappings
from dealflow.cli.commands.import_mappings import Files
from dealflow.cli.opening import reading
from dealflow.cli.options import Home, Json, Limit, OnBehalfOf, group
from dealflow.domain.values.phrase import phrase

if TYPE_CHECKING:
    from datetime import datetime

    from dealflow.adapters.imports.logs.run import LogImported
    from dealflow.adapters.imports.run import ImportRequest
    from dealflow.application.imports.listed import FindImports
    from dealflow.application.imports.plans import MostRejects
    from dealflow.application.imports.progress import OnProgress
    from dealflow.application.imports.run import Imports
    from dealflow.application.imports.taking_back.take_back import TakeBack
    from dealflow.application.processes.registry import Processes
    from dealflow.cli.session import Session

    ImportLog = Callable[[ImportRequest, Imports, Processes, datetime, OnProgress], LogImported]

app = group("Take in deals of another system.")
Log = Annotated[
    Path, typer.Argument(metavar="FILE", help="An XES log, plain or gz; - is standard input.", show_default=False)
]
LogFiles = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE",
        help="The log, and the tables that its rows are joined with; - is standard input.",
        show_default=False,
    ),
]
Mapping = Annotated[Path, typer.Option("--mapping", metavar="FILE", help="How records become deals; a YAML file.")]
Rejects = Annotated[
    Path | None,
    typer.Option(
        "--rejects", metavar="FILE", help="Where records go that cannot be used; else a file in the home folder."
    ),
]


DryRun = Annotated[bool, typer.Option("--dry-run", help="Write nothing; say what it would come to.")]
Strict = Annotated[bool, typer.Option("--strict", help="Stop before anything is written when a record cannot be used.")]
MostRejectsAllowed = Annotated[
    str | None,
    typer.Option(
        "--most-rejects",
        metavar="SHARE",
        help="Write nothing when something in more of the records cannot be read or mapped: a share, or a number; else 5%.",
        show_default=False,
    ),
]
MostGone = Annotated[
    str | None,
    typer.Option(
        "--most-gone",
        metavar="SHARE",
        help="Write nothing when more of the deals are gone from a full export, where the mapping cancels them: 10%"
        " (and more than five) when left out.",
    ),
]
ShiftToToday = Annotated[
    bool, typer.Option("--shift-to-today", help="Move all dates by whole days, so that the last one is today.")
]
Reread = Annotated[
    bool,
    typer.Option(
        "--reread", help="Read deals on record otherwise than before, where the mapping or a format has changed."
    ),
]


def _allowed(written: str | None, *, strict: bool) -> "MostRejects":
    from dealflow.application.imports.plans import FIVE_PERCENT
    from dealflow.cli.errors import WrongUsage

    if written is None:
        return FIVE_PERCENT
    if strict:
        raise WrongUsage(phrase("--strict allows no reject, --most-rejects some: leave one of them out"))
    return _share(written, "--most-rejects")


def _gone(written: str | None) -> "MostRejects | None":
    return _share(written, "--most-gone") if written is not None else None


def _share(written: str, option: str) -> "MostRejects":
    """A share or a number, as this option has it."""
    from dealflow.application.imports.plans import MostRejects
    from dealflow.cli.errors import WrongUsage

    number = written.strip().removesuffix("%").strip()
    if number.replace(".", "", 1).isdecimal() and number.isascii():
        if written.strip().endswith("%"):
            share = float(number) / 100
            if share <= 1:
                return MostRejects(share=share)
        elif number.isdecimal():
            return MostRejects(number=int(number))
    raise WrongUsage(
        phrase("{option} {given} is neither a share such as 5% nor a number", option=option, given=repr(written))
    )


@app.command(
    "crm-csv",
    epilog="Example: dealflow import crm-csv examples/maven-crm --mapping examples/maven-crm/mapping.yaml --people --dry-run",
)
def crm_csv(
    files: Files,
    mapping: Mapping,
    people: Annotated[bool, typer.Option("--people", help="Add sellers and managers to people.yaml.")] = False,
    rejects: Rejects = None,
    dry_run: DryRun = False,
    strict: Strict = False,
    most_rejects: MostRejectsAllowed = None,
    most_gone: MostGone = None,
    shift_to_today: ShiftToToday = False,
    reread: Reread = False,
    on_behalf_of: OnBehalfOf = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Import the tables of a CRM. History with its own dates, nobody told of the past; again: only what has changed."""
    from dealflow.adapters.imports.csv.run import CsvRequest, import_csv
    from dealflow.adapters.imports.spool import spooled
    from dealflow.cli.output import reader
    from dealflow.cli.progress import progress_of
    from dealflow.cli.session import opened
    from dealflow.cli.views.imports import print_tables_imported, walks

    began = monotonic()
    with opened(home, json=json, on_behalf_of=on_behalf_of) as session, spooled(files) as given:
        system, settings = session.system, session.settings
        request = CsvRequest(
            files=given,
            mapping=mapping,
            who=session.kept_who,
            home=settings.home,
            people=settings.people if people else None,
            rejects=rejects,
            dry_run=dry_run,
            strict=strict,
            most_rejects=_allowed(most_rejects, strict=strict),
            most_gone=_gone(most_gone),
            shift_to_today=shift_to_today,
            reread=reread,
            say=reader().t,
            began=began,
        )
        with progress_of(walks()) as heard:
            done = import_csv(request, system.imports, system.processes, session.now, heard)
        return print_tables_imported(done, settings.people)


@dataclass(frozen=True)
class _Asked:
    """The options that every import of a log has."""

    mapping: Path
    rejects: Path | None
    most_rejects: str | None
    most_gone: str | None
    _: KW_ONLY
    dry_run: bool
    strict: bool
    shift_to_today: bool
    reread: bool


def _import_log(
    import_log: "ImportLog",
    files: list[Path],
    asked: _Asked,
    on_behalf_of: str | None,
    home: Path | None,
    *,
    json: bool,
) -> int:
    from dealflow.adapters.imports.run import ImportRequest
    from dealflow.adapters.imports.spool import spooled
    from dealflow.cli.output import reader
    from dealflow.cli.progress import progress_of
    from dealflow.cli.session import opened
    from dealflow.cli.views.imports import print_log_imported, walks

    began = monotonic()
    with opened(home, json=json, on_behalf_of=on_behalf_of) as session, spooled(files) as given:
        request = ImportRequest(
            files=given,
            mapping=asked.mapping,
            who=session.kept_who,
            home=session.settings.home,
            rejects=asked.rejects,
            dry_run=asked.dry_run,
            strict=asked.strict,
            most_rejects=_allowed(asked.most_rejects, strict=asked.strict),
            most_gone=_gone(asked.most_gone),
            shift_to_today=asked.shift_to_today,
            reread=asked.reread,
            say=reader().t,
            began=began,
        )
        with progress_of(walks()) as heard:
            done = import_log(request, session.system.imports, session.system.processes, session.now, heard)
        return print_log_imported(done)


@app.command("xes", epilog="Example: dealflow import xes log.xes.gz --mapping mapping.yaml --dry-run")
def xes(
    file: Log,
    mapping: Mapping,
    rejects: Rejects = None,
    dry_run: DryRun = False,
    strict: Strict = False,
    most_rejects: MostRejectsAllowed = None,
    most_gone: MostGone = None,
    shift_to_today: ShiftToToday = False,
    reread: Reread = False,
    on_behalf_of: OnBehalfOf = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Import an event log, a deal for each trace. A log that is broken anywhere is not begun; again: only what is new."""
    from dealflow.adapters.imports.logs.run import import_xes

    asked = _Asked(
        mapping,
        rejects,
        most_rejects,
        most_gone,
        dry_run=dry_run,
        strict=strict,
        shift_to_today=shift_to_today,
        reread=reread,
    )
    return _import_log(import_xes, [file], asked, on_behalf_of, home, json=json)


@app.command("log-csv", epilog="Example: dealflow import log-csv log.csv --mapping mapping.yaml --dry-run")
def log_csv(
    files: LogFiles,
    mapping: Mapping,
    rejects: Rejects = None,
    dry_run: DryRun = False,
    strict: Strict = False,
    most_rejects: MostRejectsAllowed = None,
    most_gone: MostGone = None,
    shift_to_today: ShiftToToday = False,
    reread: Reread = False,
    on_behalf_of: OnBehalfOf = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Import an event log or a stage history in CSV, a deal for all rows with one id. Again: only what is new."""
    from dealflow.adapters.imports.logs.run import import_csv_log

    asked = _Asked(
        mapping,
        rejects,
        most_rejects,
        most_gone,
        dry_run=dry_run,
        strict=strict,
        shift_to_today=shift_to_today,
        reread=reread,
    )
    return _import_log(import_csv_log, files, asked, on_behalf_of, home, json=json)


@app.command("list", epilog="Example: dealflow import list --source crm")
@reading
def list_(
    session: "Session",
    source: Annotated[
        str | None, typer.Option("--source", metavar="NAME", help="Only those of this source, as its mapping calls it.")
    ] = None,
    limit: Limit = None,
) -> int:
    """List what was imported, the newest first. For whoever may import, and for auditors."""
    from dealflow.cli.views.deals.board import limit_of
    from dealflow.cli.views.import_record import print_imports

    return print_imports(_found(session).page(source, limit_of(limit)))


@app.command("show", epilog="Example: dealflow import show 0f3a91bc")
@reading
def show(
    session: "Session",
    batch: Annotated[
        str,
        typer.Argument(
            metavar="IMPORT", help="Its id from `dealflow import list`, or the beginning of it.", show_default=False
        ),
    ],
) -> int:
    """Show one import: what it was given, the mapping as it was then, and what came of it."""
    from dealflow.cli.views.import_record import print_import

    return print_import(_found(session).one(batch))


@app.command("undo", epilog="Example: dealflow import undo 0f3a91bc --reason 'day and month were swapped' --yes")
@reading
def undo(
    session: "Session",
    batch: Annotated[
        str,
        typer.Argument(
            metavar="IMPORT", help="Its id from `dealflow import list`, or the beginning of it.", show_default=False
        ),
    ],
    reason: Annotated[str, typer.Option(help="Why; it stays on record.", metavar="TEXT")] = "",
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it; without this, what it would come to is only shown.")
    ] = False,
) -> int:
    """Take back what an import brought, on record. Deals on which somebody has acted since are kept, and listed.

    A later import of the same deals comes first. Everything can still be read in the history, and as it was known then.
    """
    from dealflow.adapters.imports.memory import ImportMemory
    from dealflow.cli.output import reader
    from dealflow.cli.progress import progress
    from dealflow.cli.views.import_undone import print_undone
    from dealflow.domain.imports.batch import source_of_batch

    name, taking_back = _found(session).named(batch), _taking_back(session)
    if not yes:
        with progress(reader().t("Deals")) as heard:
            found = taking_back.look(name, heard)
        return print_undone(found, lambda deal, event: _told(session, deal, event))
    memory = ImportMemory(session.settings.home, source_of_batch(name))
    memory.read()  # one that is broken is said before anything is done
    with memory.alone(), progress(reader().t("Deals")) as heard:
        done = taking_back.take_back(name, session.kept_who, reason, heard)
        if done.done:
            memory.forget_exports()
    return print_undone(done, lambda deal, event: _told(session, deal, event))


def _told(session: "Session", deal_id: str, version: int) -> str:
    """What happened with this event of a deal, as its history tells it; nothing of a deal that is not the reader's."""
    from dealflow.application.reading.history import HistoryQuery, history
    from dealflow.cli.output import reader
    from dealflow.domain.values.refusal import CommandRefused

    try:
        found = session.reading.read(deal_id, also_taken_back=True)
    except CommandRefused:
        return ""
    tell = reader().teller(found.process.definition, found.organisation)
    entries = history(found.recorded, tell, HistoryQuery(after=version - 1, limit=1)).entries
    return entries[0].what if entries else ""


def _taking_back(session: "Session") -> "TakeBack":
    from dealflow.application.imports.taking_back.take_back import TakeBack

    system = session.system
    return TakeBack(
        system.store, system.outbox, system.processes, system.people.current, system.reach_hint, session.now
    )


def _found(session: "Session") -> "FindImports":
    from dealflow.application.imports.listed import FindImports

    return FindImports(session.system.imports.records, session.kept_who, session.system.people.current())


import_mappings.register(app)
