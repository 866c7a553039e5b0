"""Deals that cannot be read or judged, beside the lists and counts that they belong to."""

from collections.abc import Sequence

from dealflow.application.reading.unreadable import UnreadableDeal
from dealflow.cli.output import reader, say
from dealflow.cli.tables import cell
from dealflow.domain.values.phrase import Phrase


def wrong_line(wrong: Phrase, deal: str = "") -> str:
    """Why a deal cannot be judged; `deal` names it where the line does not stand under it."""
    to = reader()
    said = to.t(
        "This deal cannot be judged now: {wrong}. `dealflow doctor` says what to do; no deadline is lost.", wrong=wrong
    )
    return f"{deal}: {said}" if deal else said


def print_unreadable(found: Sequence[UnreadableDeal]) -> None:
    """Print them, each with what is wrong and what there is to do."""
    to = reader()
    if not found:
        return
    say(to.counted("{n} deal cannot be read:", "{n} deals cannot be read:", len(found)))
    for deal in found:
        named = " ".join(cell(part) for part in (deal.deal_id, deal.title, deal.owner or "") if part)
        say("  " + to.t("{deal}: {wrong}", deal=named, wrong=deal.says))
    say("  " + to.t(found[0].do))
