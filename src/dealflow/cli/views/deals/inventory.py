"""The inventory as a person reads it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

from dealflow.application.reading.inventory import Inventory, ProofsLost
from dealflow.cli.output import print_json, reader, say
from dealflow.cli.tables import print_heading, print_pairs, print_table
from dealflow.cli.views.deals.unreadable import print_unreadable
from dealflow.domain.values.phrase import phrase


def print_inventory(found: Inventory) -> int:
    """Print the inventory, of now or of an instant."""
    if reader().json:
        print_json(found)
    else:
        _print(found)
    return 0


def _print(found: Inventory) -> None:
    to = reader()
    say(to.t("Inventory as of {at}", at=to.time(found.as_of)))
    counts: list[tuple[str, Any]] = [
        (phrase("Deals"), f"{found.deals:,}"),
        (phrase("Cannot be read"), f"{len(found.unreadable):,}" if found.unreadable else ""),
        (phrase("Customers"), f"{found.customers:,}"),
        (phrase("Without customer"), f"{found.without_customer:,}" if found.without_customer else ""),
        (phrase("Open"), f"{found.open:,}"),
        (phrase("Won"), f"{found.won:,}"),
        (phrase("Lost"), f"{found.lost:,}"),
        (phrase("Cancelled"), f"{found.cancelled:,}"),
        (phrase("In progress"), f"{found.in_progress:,}"),
        (phrase("Stalled"), f"{found.stalled:,}"),
        (phrase("Won amount"), _amounts(found.won_amount)),
        (phrase("Amended since the win"), _amounts(found.amended_since_won, "+")),
        *_proofs_lost(phrase("Proof lost"), found.proof_lost),
        *_proofs_lost(phrase("Proof lost after the win"), found.proof_lost_after_win),
        (phrase("Claims not applied"), found.claims_not_applied or ""),
    ]
    print_pairs(counts, indent=2)
    for heading, first, numbers in (
        (phrase("In progress, by stage"), phrase("Stage"), found.by_stage),
        (phrase("In progress, by customer's position"), phrase("Decision node"), found.by_position),
        (phrase("In progress, by owner"), phrase("Owner"), found.by_owner),
        (phrase("In progress, by director"), phrase("Director"), found.by_director),
        (
            phrase("In progress, by gap"),
            phrase("Gap"),
            {f"{gap:+d}" if gap else "0": n for gap, n in found.by_gap.items()},
        ),
        (phrase("Stalled, by director"), phrase("Director"), found.stalled_by_director),
        (phrase("Ever reached"), phrase("Decision node"), found.ever_reached),
        (phrase("Won, with a node not proven"), phrase("Decision node"), found.won_unproven),
        (phrase("Open, proof lost"), phrase("Decision node"), found.proof_lost.by_node),
        (phrase("Won, proof lost since"), phrase("Decision node"), found.proof_lost_after_win.by_node),
    ):
        _print_counts(heading, first, numbers)
    print_unreadable(found.unreadable)


def _proofs_lost(name: str, lost: ProofsLost) -> list[tuple[str, Any]]:
    said = f"{lost.deals:,} ({_amounts(lost.amount)})" if lost.amount else f"{lost.deals:,}"
    return [(name, said)] if lost.deals else []


def _amounts(amounts: Mapping[str, Decimal], sign: Literal["", "+"] = "") -> str:
    return reader().listed(f"{value:{sign},} {currency}" for currency, value in amounts.items())


def _print_counts(heading: str, first: str, numbers: Mapping[str, int]) -> None:
    if numbers:
        print_heading(heading)
        print_table((first, ">Deals"), [(key, f"{n:,}") for key, n in numbers.items()], indent=2)
