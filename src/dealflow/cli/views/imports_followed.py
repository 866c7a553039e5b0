"""How far the deals follow their source, as a person reads it: what changed, what stays, and where both sides differ."""

from collections.abc import Mapping

from dealflow.application.imports.followed import KeptByHand, NotChangedWhat
from dealflow.application.imports.plans import ImportReport
from dealflow.cli.output import reader, say
from dealflow.cli.tables import print_heading, print_table
from dealflow.domain.values.phrase import Phrase, counted, phrase
from dealflow.wording.terms import term

_SHOWN = 10
_PARTS: Mapping[str, Phrase] = {
    "stage": phrase("Stage"),
    "outcome": phrase("Outcome"),
    "title": phrase("Title"),
    "owner": phrase("Owner"),
    "amount": phrase("Amount"),
    "customer": phrase("Customer"),
    "attributes": phrase("Attributes"),
}
_FOLLOWED: Mapping[str, Phrase] = {
    **_PARTS,
    "date": phrase("Date, corrected"),
    "evidence": phrase("Evidence, corrected"),
    "owner_cleared": phrase("Owner, cleared"),
    "amount_cleared": phrase("Amount, cleared"),
    "customer_cleared": phrase("Customer, cleared"),
    "evidence_cleared": phrase("Evidence, withdrawn"),
    "gone": phrase("Gone from the export, cancelled"),
    "returned": phrase("In the export again, reopened"),
}
_NOT_CHANGED: Mapping[NotChangedWhat, Phrase] = {
    "date": phrase("Date, a person has moved the deal since"),
    "evidence": phrase("Fields of evidence"),
    "owner": phrase("Owner, cleared"),
    "amount": phrase("Amount, cleared"),
    "customer": phrase("Customer, cleared"),
    "evidence_cleared": phrase("Evidence, said no more"),
    "older_export": phrase("Older than the export on record"),
}


def print_followed(report: ImportReport) -> None:
    """What followed the source, what stays against it, and claims that were not applied."""
    if report.followed:
        print_heading("Changed in the source, and followed")
        rows = [(_FOLLOWED[one.what], f"{one.facts:,}", reader().listed(one.first)) for one in report.followed]
        print_table(("What", ">Facts", "First deals"), rows, indent=2)
    if report.not_changed:
        print_heading("On record otherwise than the source says now, and left as it is")
        rows = [(_NOT_CHANGED[one.what], f"{one.facts:,}", reader().listed(one.first)) for one in report.not_changed]
        print_table(("What", ">Facts", "First deals"), rows, indent=2)
    _print_gone(report)
    _print_kept(report)
    _print_claims(report)


def _print_gone(report: ImportReport) -> None:
    """The deals that a full export has no more, and what becomes of them."""
    gone, to = report.gone, reader()
    if not (gone.open or gone.ended):
        return
    print_heading("On record, and gone from the full export")
    rows = [
        (phrase("Open"), f"{gone.open:,}", to.listed(gone.first[:_SHOWN])),
        (phrase("Ended"), f"{gone.ended:,}", ""),
    ]
    print_table(("What", ">Deals", "First deals"), [row for row in rows if row[1] != "0"], indent=2)
    if gone.unread and gone.open:
        said = counted(
            "None is cancelled: {n} record without an id cannot be read, and may be one of them",
            "None is cancelled: {n} records without an id cannot be read, and may be among them",
            gone.unread,
        )
        say("  " + to.t(said))


def _print_kept(report: ImportReport) -> None:
    """Both sides of what a person has changed."""
    if not report.kept:
        return
    print_heading("Changed here since the source said it, and kept")
    rows = [
        (one.deal_id, _PARTS[one.what], _side(one, one.source_says), _side(one, one.on_record), one.row)
        for one in report.kept[:_SHOWN]
    ]
    print_table(("Deal", "What", "The source says", "On record", "Where"), rows, indent=2)
    _more(sum(report.kept_by_hand.values()))


def _side(one: KeptByHand, value: str) -> str:
    return term("outcome", value) if one.what == "outcome" else value


def _print_claims(report: ImportReport) -> None:
    """Both sides of every claim that was not applied."""
    if not report.not_applied:
        return
    print_heading("Claims not applied")
    rows = [
        (one.deal_id, one.claim, one.stage, term("outcome", one.outcome), one.row)
        for one in report.not_applied[:_SHOWN]
    ]
    print_table(("Deal", "The source says", "The deal stands in", "Outcome", "Where"), rows, indent=2)
    _more(report.claims_not_applied)


def _more(number: int) -> None:
    if number > _SHOWN:
        say("  " + reader().t("and {n} more; --json has the first {most}", n=number - _SHOWN, most=20))
