"""The imports on record as a person reads them."""

from collections.abc import Mapping

from dealflow.application.imports.listed import ImportPage, ImportRow, ImportShown
from dealflow.cli.errors import DONE
from dealflow.cli.output import note, print_json, reader, say
from dealflow.cli.tables import print_heading, print_pairs, print_table
from dealflow.domain.values.phrase import Phrase, phrase

_STATES: Mapping[str, Phrase] = {
    "unfinished": phrase("unfinished"),
    "finished": phrase("finished"),
    "undoing": phrase("being undone"),
    "undone": phrase("undone"),
}
_DIGEST = 12


def print_imports(page: ImportPage) -> int:
    """Print a page of imports."""
    to = reader()
    if to.json:
        print_json(page)
        return DONE
    if page.imports:
        columns = (
            phrase("Import"), phrase("Source"), phrase("When"), phrase("By"), phrase("Files"), ">Deals", ">Events", phrase("State"),
        )  # fmt: skip
        print_table(columns, [_line(row) for row in page.imports])
    else:
        say(to.t("0 imports"))
    if len(page.imports) < page.total:
        note(phrase("{shown} of {total}; --limit N for more", shown=len(page.imports), total=page.total))
    old = sum(not row.on_record for row in page.imports)
    if old:
        say(
            to.counted(
                "{n} import is of a time before imports were on record: `dealflow import show` counts its deals",
                "{n} imports are of a time before imports were on record: `dealflow import show` counts their deals",
                old,
            )
        )
    if page.unreadable:
        say(phrase("The record of these sources cannot be read: {sources}", sources=list(page.unreadable)))
    return DONE


def _line(row: ImportRow) -> tuple[object, ...]:
    to = reader()
    at = row.began_at or row.finished_at
    first = row.files[0] if row.files else ""
    more = phrase("{first} +{n}", first=first, n=len(row.files) - 1) if len(row.files) > 1 else first
    deals, events = (f"{n:,}" if n is not None else "" for n in (row.deals, row.events))
    state = phrase("undone in part") if row.kept else _STATES[row.state]
    return row.short, row.source, to.day(at) if at else "", _by(row), more, deals, events, state


def _by(row: ImportRow) -> str:
    if row.on_behalf_of:
        return phrase("{actor} for {person}", actor=row.actor, person=row.on_behalf_of)
    return row.actor or ""


def print_import(shown: ImportShown) -> int:
    """Print all of one import."""
    to = reader()
    if to.json:
        print_json(shown)
        return DONE
    moved = phrase("every date moved by {days} days", days=shown.shift.days) if shown.shift else None
    print_pairs(
        [
            (phrase("Import"), shown.batch),
            (phrase("State"), _STATES[shown.state]),
            (phrase("Source"), shown.source),
            ("Process", shown.process),
            (phrase("Command"), f"dealflow import {shown.command}" if shown.command else None),
            (phrase("By"), _by(shown)),
            (phrase("Began"), to.time(shown.began_at)),
            (phrase("Finished"), to.time(shown.finished_at) if shown.finished_at != shown.began_at else None),
            (phrase("Undo begun") if shown.state == "undoing" else phrase("Undone"), _undone(shown)),
            (phrase("Reason"), shown.undo_reason),
            (phrase("Gone"), f"{shown.gone:,}" if shown.gone else None),
            (phrase("As before"), f"{shown.restored:,}" if shown.restored else None),
            (phrase("Kept"), _kept(shown)),
            (phrase("Exported"), to.time(shown.exported_at)),
            (phrase("Shift"), moved),
            (phrase("Reread"), phrase("what is on record was read anew") if shown.reread else None),
            ("Deals", _counts(shown)),
            ("Events", f"{shown.events:,}" if shown.events is not None else None),
            ("Rejected", f"{shown.rejects:,}" if shown.rejects is not None else None),
        ]
    )
    if not shown.on_record:
        say(phrase("It is of a time before imports were on record, so its files and its mapping are not known."))
    if shown.given_files:
        print_heading(phrase("Files"))
        rows = [(file.name, file.role, file.digest[:_DIGEST]) for file in shown.given_files]
        print_table((phrase("File"), phrase("Table"), phrase("Digest")), rows, indent=2)
    if shown.first_deals:
        print_heading(phrase("Deals"))
        rows_of_deals = [
            (deal.deal_id, phrase("new") if deal.new else phrase("changed"), deal.events) for deal in shown.first_deals
        ]
        print_table(("Deal", "", ">Events"), rows_of_deals, indent=2)
        left = (shown.deals or 0) - len(shown.first_deals)
        if left > 0:
            say(to.counted("  and {n:,} more", "  and {n:,} more", left))
    if shown.mapping:
        print_heading(phrase("The mapping as it was"))
        from dealflow.adapters.imports.mapping.meaning import as_yaml  # few commands write YAML

        for line in as_yaml(shown.mapping).splitlines():
            say(f"  {line}")
    return DONE


def _counts(shown: ImportShown) -> str | None:
    if shown.deals is None:
        return None
    return phrase(
        "{deals:,} ({new:,} new, {changed:,} changed)", deals=shown.deals, new=shown.new, changed=shown.changed
    )


def _kept(shown: ImportShown) -> Phrase | None:
    if not shown.kept:
        return None
    return phrase("{n:,}; `dealflow import undo {batch}` lists them", n=shown.kept, batch=shown.short)


def _undone(shown: ImportShown) -> str:
    if shown.undone_at is None:
        return ""
    at = reader().time(shown.undone_at)
    return phrase("{at} by {person}", at=at, person=shown.undone_by) if shown.undone_by else at
