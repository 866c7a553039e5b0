"""What taking an import back comes to, as a person reads it."""

from collections.abc import Callable

from dealflow.application.imports.taking_back.undone import KeptDeal, Undone
from dealflow.cli.errors import DONE, REFUSED
from dealflow.cli.output import note, print_json, reader, say
from dealflow.cli.tables import print_heading, print_pairs, print_table
from dealflow.domain.values.phrase import Phrase, counted, phrase

_SHOWN = 10


def print_undone(undone: Undone, done_then: Callable[[str, int], str]) -> int:
    """Print what was done, or would be; where later imports come first, which, and nothing was done.

    `done_then` tells an event of a deal.
    """
    to = reader()
    if to.json:
        print_json(undone)
        return REFUSED if undone.later else DONE
    pairs = [
        (phrase("Import"), undone.batch),
        (phrase("Gone"), f"{undone.gone:,}" if undone.gone else None),
        (phrase("As before"), f"{undone.restored:,}" if undone.restored else None),
        (phrase("Kept"), f"{undone.kept:,}" if undone.kept else None),
        ("Events", f"{undone.events:,}"),
    ]
    print_pairs(pairs)
    if undone.kept_deals:
        print_heading(phrase("Kept, as somebody has acted on them"))
        rows = [
            (kept.deal_id, _why(kept, done_then), to.time(kept.at) if kept.at else "")
            for kept in undone.kept_deals[:_SHOWN]
        ]
        print_table(("Deal", phrase("Why"), phrase("When")), rows, indent=2)
        left = undone.kept - len(rows)
        if left > 0:
            say(to.counted("  and {n:,} more", "  and {n:,} more", left))
    if undone.later:
        note(
            phrase(
                "Nothing was done: a later import brought something to the same deals. Take it back first:"
                " `dealflow import undo {later}`",
                later=undone.later[0].rpartition("/")[2],
            )
        )
        return REFUSED
    if undone.done:
        done = counted(
            "Taken back: {n:,} deal; {kept:,} kept.",
            "Taken back: {n:,} deals; {kept:,} kept.",
            undone.taken_back,
            kept=undone.kept,
        )
        say(done)
    elif undone.taken_back:
        note(
            counted(
                "{n:,} deal would be taken back, {kept:,} kept. Nothing is done yet; add --yes.",
                "{n:,} deals would be taken back, {kept:,} kept. Nothing is done yet; add --yes.",
                undone.taken_back,
                kept=undone.kept,
            )
        )
    else:
        note(phrase("Nothing of this import is left to be taken back; {kept:,} kept.", kept=undone.kept))
    return DONE


def _why(kept: KeptDeal, done_then: Callable[[str, int], str]) -> Phrase | str:
    match kept.why:
        case "linked":
            return phrase("follows from {deal}, or {deal} from it", deal=kept.linked)
        case "later":
            return phrase("{later} came meanwhile", later=(kept.what or "").rpartition("/")[2])
        case "unreadable":
            return phrase("its events cannot be read")
    return phrase("{person}: {what}", person=kept.actor, what=done_then(kept.deal_id, kept.version or 0))
