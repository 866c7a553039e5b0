"""Stalls and escalations as a person reads them."""

from collections.abc import Sequence

from dealflow.application.reading.board import StallPage
from dealflow.application.reading.stalls import StallQuery, StallRow
from dealflow.cli.output import note, print_json, reader, say
from dealflow.cli.tables import print_table
from dealflow.cli.views.deals.board import say_respelled
from dealflow.cli.views.deals.none_fits import no_stall_fits
from dealflow.cli.views.deals.unreadable import print_unreadable
from dealflow.domain.values.phrase import phrase
from dealflow.wording.terms import term


def print_list(page: StallPage, wanted: StallQuery) -> int:
    """Print the stalls, or escalations, that are wanted, oldest deadline first."""
    to = reader()
    say_respelled(page.respelled)
    name = "escalations" if wanted.escalated_only else "stalls"
    if to.json:
        dumped = page.model_dump(mode="json")
        print_json({name: dumped["stalls"], "unreadable": dumped["unreadable"]})
        return 0
    if not page.stalls:
        say(no_stall_fits(wanted))
        print_unreadable(page.unreadable)
        return 0
    print_stalls(page.stalls)
    print_unreadable(page.unreadable)
    if page.more:
        shown = len(page.stalls)
        note(to.counted("The first one; --limit shows more.", "The first {n:,}; --limit shows more.", shown))
    return 0


def print_stalls(rows: Sequence[StallRow]) -> None:
    """Print stalls as a table."""
    to = reader()
    print_table(
        ("Escalation", "Title", "Stage", "Clock", "Ran out", ">Days over", "Owner", "Director", "State", "Missing"),
        [
            (
                row.stall_id,
                row.deal_title,
                to.short(row.stage, row.stage_title),
                to.t(term("clock", row.clock)),
                to.time(row.due_at),
                row.overdue_seconds // 86_400,
                row.owner,
                row.director,
                _state(row),
                to.listed(to.short(node.id, node.title) for node in row.missing),
            )
            for row in rows
        ],
    )


def _state(row: StallRow) -> str:
    to = reader()
    if row.decision:
        said = term("decision", row.decision)
    else:
        said = phrase("escalated") if row.escalation == "open" else term("escalation", row.escalation)
    return to.t("{state}, high risk", state=said) if row.high_risk else to.t(said)
