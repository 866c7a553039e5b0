"""The inventory as a person reads it."""

from collections.abc import Mapping
from typing import Any

from dealflow.application.reading.inventory import Inventory
from dealflow.cli.output import print_json, reader, say
from dealflow.cli.tables import print_heading, print_pairs, print_table


def print_inventory(found: Inventory) -> int:
    """Print the inventory, of now or of an instant."""
    if reader().json:
        print_json(found)
    else:
        _print(found)
    return 0


def _print(found: Inventory) -> None:
    to = reader()
    say(to.t("Inventory as of {at}").format(at=to.time(found.as_of)))
    counts: list[tuple[str, Any]] = [
        ("Deals", f"{found.deals:,}"),
        ("Customers", f"{found.customers:,}"),
        ("Without customer", f"{found.without_customer:,}" if found.without_customer else ""),
        ("Open", f"{found.open:,}"),
        ("Won", f"{found.won:,}"),
        ("Lost", f"{found.lost:,}"),
        ("Cancelled", f"{found.cancelled:,}"),
        ("In progress", f"{found.in_progress:,}"),
        ("Stalled", f"{found.stalled:,}"),
        ("Won amount", ", ".join(f"{value:,} {currency}" for currency, value in found.won_amount.items())),
        ("Claims not applied", found.claims_not_applied or ""),
    ]
    print_pairs(counts, indent=2)
    for heading, first, numbers in (
        ("In progress, by stage", "Stage", found.by_stage),
        ("In progress, by customer's position", "Decision node", found.by_position),
        ("In progress, by owner", "Owner", found.by_owner),
        ("In progress, by director", "Director", found.by_director),
        ("In progress, by gap", "Gap", {f"{gap:+d}" if gap else "0": n for gap, n in found.by_gap.items()}),
        ("Stalled, by director", "Director", found.stalled_by_director),
        ("Ever reached", "Decision node", found.ever_reached),
        ("Won, with a node not proven", "Decision node", found.won_unproven),
    ):
        _print_counts(heading, first, numbers)


def _print_counts(heading: str, first: str, numbers: Mapping[str, int]) -> None:
    if numbers:
        print_heading(heading)
        print_table((first, ">Deals"), [(key, f"{n:,}") for key, n in numbers.items()], indent=2)
