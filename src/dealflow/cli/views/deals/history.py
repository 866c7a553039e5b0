"""`deal history` as a person reads it."""

import base64
from collections.abc import Iterable

from dealflow.application.audit.rows import StoredEvent
from dealflow.application.reading.history import History, HistoryEntry, Proof
from dealflow.cli.output import note, print_json, reader, say
from dealflow.cli.tables import cell
from dealflow.cli.views.deals.unreadable import wrong_line
from dealflow.domain.deal.stream import deal_of


def proofs_of(rows: Iterable[StoredEvent], *, with_bytes: bool) -> dict[int, Proof]:
    """What the rows of a stream prove, by version."""
    return {
        row.version: Proof(
            row.digest, row.previous, base64.b64encode(row.stored).decode("ascii") if with_bytes else None
        )
        for row in rows
    }


def print_history(story: History, title: str) -> int:
    """Print the story of one deal of this title."""
    to = reader()
    if to.json:
        print_json(story)
        return 0
    say(f"{deal_of(story.stream)}  {cell(title)}  {story.process}")
    for entry in story.entries:
        say(history_line(entry))
    if not story.entries:
        note(to.t("Nothing of that kind has happened."))
    if story.wrong:
        say(wrong_line(story.wrong))
    if story.more:
        say(to.t("There is more: --after {n}", n=story.entries[-1].n))
    return 0


def history_line(entry: HistoryEntry) -> str:
    """One event: its place, when, what, and by whom."""
    to = reader()
    said = f"{entry.n:>4}  {to.time(entry.effective_at)}  {'  ' if entry.caused_by else ''}{entry.what}"
    if entry.caused_by is None:
        acted = (
            to.t("{actor} for {person}", actor=entry.actor, person=entry.on_behalf_of)
            if entry.on_behalf_of
            else entry.actor
        )
        if entry.token:
            acted = to.t("{actor} by token {token}", actor=acted, token=entry.token)
        said += f"  [{cell(acted)}]"
    if entry.back_dated:
        said += "  " + to.t("(recorded {at})", at=to.time(entry.recorded_at))
    return said
