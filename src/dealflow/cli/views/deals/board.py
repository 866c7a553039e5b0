"""A list of deals as a person reads it."""

from collections.abc import Sequence

from dealflow.application.reading.board import DealPage, DealRow
from dealflow.cli.output import note, print_json, reader
from dealflow.cli.tables import amount, print_table
from dealflow.wording.terms import term

_TABLE = 50


def limit_of(limit: int | None) -> int | None:
    """How many rows are shown: as many as asked for; else a table's worth, and all for a program."""
    return limit or (None if reader().json else _TABLE)


def print_page(page: DealPage) -> int:
    """Print a page of deals, and of how many it is."""
    to = reader()
    if to.json:
        print_json(page)
        return 0
    print_deals(page.deals)
    if len(page.deals) < page.total:
        note(to.counted("{shown:,} of {n:,} deal", "{shown:,} of {n:,} deals", page.total, shown=len(page.deals)))
    return 0


def print_deals(rows: Sequence[DealRow]) -> None:
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
                f"{row.gap:+d}" if row.gap else "0",
                row.owner,
                amount(row.amount),
                _outcome(row),
                to.t("stalled") if row.open_stalls else to.time(row.next_due),
            )
            for row in rows
        ],
    )


def _outcome(row: DealRow) -> str:
    to, said = reader(), term("outcome", row.outcome)
    return to.t(said) if row.in_progress else to.t("{outcome}, closed", outcome=said)
