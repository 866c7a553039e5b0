"""That an amount waits for somebody above the owner, as a person reads it."""

from dealflow.application.reading.deal_parts.amount import AmountWaits
from dealflow.cli.output import reader


def amount_waits_line(waits: AmountWaits) -> str:
    """Which amounts count until then, and who can confirm the present one."""
    to = reader()
    said = (
        to.t(
            "While {amount} is in force nothing is proven. Until somebody above the owner confirms it, "
            "these count again beside the next amount: {amounts}.",
            amount=str(waits.amount),
            amounts=[str(amount) for amount in waits.amounts],
        )
        if not waits.amount.minor
        else to.t(
            "Until somebody above the owner confirms {amount}, every standard must hold for each of: {amounts}.",
            amount=str(waits.amount),
            amounts=[str(amount) for amount in waits.amounts],
        )
    )
    may = [person.id for person in waits.who_may]
    return f"{said} {to.t('Who may: {who}.', who=may)}" if may else said
