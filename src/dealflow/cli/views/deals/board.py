"""A list of deals as a person reads it."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from dealflow.cli.output import note, print_json, reader, say
from dealflow.cli.tables import amount, print_table
from dealflow.cli.views.deals.none_fits import no_deal_fits
from dealflow.cli.views.deals.unreadable import print_unreadable, wrong_line
from dealflow.domain.values.duration import Duration, Unit
from dealflow.domain.values.phrase import Phrase
from dealflow.domain.values.text.spelling import Respelled
from dealflow.wording.terms import term

if TYPE_CHECKING:
    # `deal show` writes an amount as a list does, and needs no list for it.
    from dealflow.application.reading.board import DealPage, DealQuery, DealRow, GapPage

_TABLE = 50


def limit_of(limit: int | None) -> int | None:
    """How many rows are shown: as many as asked for; else a table's worth, and all for a program."""
    return limit or (None if reader().json else _TABLE)


def print_page(page: "DealPage", wanted: "DealQuery") -> int:
    """Print a page of the deals that are wanted, and of how many it is; asked for a gap, with what the gaps are made of."""
    say_respelled(page.respelled)
    if reader().json:
        print_json(page)
        return 0
    if page.total == len(page.unreadable):
        say(no_deal_fits(wanted))
        print_unreadable(page.unreadable)
        return 0
    if wanted.gap is not None:
        _print_with_gap(page.deals)
    else:
        print_deals(page.deals)
    for row in page.deals:
        if row.wrong:
            say(wrong_line(row.wrong, row.deal_id))
    print_unreadable(page.unreadable)
    _note_shown(len(page.deals) + len(page.unreadable), page.total)
    return 0


def print_gaps(page: "GapPage", wanted: "DealQuery") -> int:
    """Print which deals ever had a gap, since when and how long, and of how many deals this is a page."""
    to = reader()
    say_respelled(page.respelled)
    if to.json:
        print_json(page)
        return 0
    if page.total == len(page.unreadable):
        say(no_deal_fits(wanted))
        print_unreadable(page.unreadable)
        return 0
    print_table(
        ("Deal", ">Gap", "Began", "Ended", ">How long", ">Gap now"),
        [
            (
                row.deal_id,
                signed(row.gap),
                _minute(row.since),
                _minute(row.until) if row.until else to.t("still so"),
                to.t(_lasted(row.seconds)),
                signed(row.gap_now) if row.in_progress else to.t("closed"),
            )
            for row in page.gaps
        ],
    )
    print_unreadable(page.unreadable)
    _note_shown(page.deals + len(page.unreadable), page.total)
    return 0


def say_respelled(changes: Sequence[Respelled]) -> None:
    """Say which names were looked for otherwise than they were given."""
    for change in changes:
        note(change.said)


def _note_shown(shown: int, total: int) -> None:
    if shown < total:
        note(reader().counted("{shown:,} of {n:,} deal", "{shown:,} of {n:,} deals", total, shown=shown))


def signed(gap: int) -> str:
    """A gap with its sign; 0 has none."""
    return f"{gap:+d}" if gap else "0"


def _minute(instant: datetime) -> str:
    """A time of the reader's zone without naming the zone, so that the table fits into 80 columns."""
    return f"{instant.astimezone(reader().zone):%Y-%m-%d %H:%M}"


def _lasted(seconds: int) -> Phrase:
    """A length of time in whole days, else in whole hours or minutes."""
    for unit, size in ((Unit.DAYS, 86_400), (Unit.HOURS, 3_600)):
        if seconds >= size:
            return Duration(count=seconds // size, unit=unit).said
    return Duration(count=seconds // 60, unit=Unit.MINUTES).said


def _print_with_gap(rows: Sequence["DealRow"]) -> None:
    to = reader()
    print_table(
        ("Deal", "Title", "Seller stands at", "Customer stands at", ">Gap", "Began", "Owner"),
        [
            (
                row.deal_id,
                row.title,
                to.short(row.standing, row.standing_title),
                to.short(row.customer_stage or "", row.customer_stage_title),
                signed(row.gap),
                to.time(row.gap_since),
                row.owner,
            )
            for row in rows
        ],
    )


def print_deals(rows: Sequence["DealRow"]) -> None:
    """Print deals as a table."""
    to = reader()
    print_table(
        ("Deal", "Title", "Stage", "Customer's position", ">Gap", "Owner", ">Amount", "Outcome", "Next deadline"),
        [
            (
                row.deal_id,
                row.title,
                to.short(row.stage, row.stage_title),
                to.short(row.position, row.position_title) if row.position else to.t("none"),
                signed(row.gap),
                row.owner,
                amount(row.amount),
                _outcome(row),
                to.t("stalled") if row.open_stalls else to.time(row.next_due),
            )
            for row in rows
        ],
    )


def _outcome(row: "DealRow") -> str:
    to, said = reader(), term("outcome", row.outcome)
    said = to.t(said) if row.in_progress else to.t("{outcome}, closed", outcome=said)
    return to.t("{outcome}, proof lost", outcome=said) if row.proof_lost else said
