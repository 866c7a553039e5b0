"""What a changed mapping or format would read otherwise of the deals on record, as a person reads it."""

from collections.abc import Mapping
from datetime import datetime

from dealflow.application.imports.mappings.counted import (
    DifferenceWhat,
    ReadOtherwise,
    ReadOtherwiseKind,
)
from dealflow.cli.output import reader, say
from dealflow.cli.tables import print_heading, print_table
from dealflow.domain.values.phrase import Phrase, phrase

_SHOWN = 15
_DIGEST = 8
_PARTS: Mapping[DifferenceWhat, Phrase] = {
    "id": phrase("Id of the deal"),
    "title": phrase("Title"),
    "owner": phrase("Owner"),
    "customer": phrase("Customer"),
    "amount": phrase("Amount"),
}
_KINDS: Mapping[str, Phrase] = {
    "stage": phrase("stage"),
    "outcome": phrase("outcome"),
    "evidence": phrase("evidence"),
    "milestone": phrase("milestone"),
    "activity": phrase("activity"),
    "owner": phrase("owner"),
    "amount": phrase("amount"),
    "withdraw": phrase("withdrawal"),
    "dispute": phrase("dispute"),
    "correct": phrase("correction"),
    "back": phrase("move back"),
    "reopen": phrase("reopening"),
}


def print_stopped(found: ReadOtherwise | None) -> None:
    """Why nothing was written."""
    if found is None:
        return
    if not found.compared:
        said = phrase(
            "Stopped before anything was written: the mapping is another than that of import {batch}, and deals on record"
            " would change. With --reread it would come to:",
            batch=_short(found),
        )
        say(reader().t(said))
        return
    if found.only_undone:
        say(
            reader().counted(
                "Stopped before anything was written: {n:,} deal on record would read otherwise. Anew it would come to:",
                "Stopped before anything was written: {n:,} deals on record would read otherwise. Anew it would come to:",
                found.deals,
            )
        )
        return
    say(
        reader().counted(
            "Stopped before anything was written: {n:,} deal on record would read otherwise. With --reread it would come to:",
            "Stopped before anything was written: {n:,} deals on record would read otherwise. With --reread it would come to:",
            found.deals,
        )
    )


def print_read_otherwise(found: ReadOtherwise | None, *, is_stopped: bool, is_dry: bool) -> None:
    """What is read otherwise, grouped, and the two ways to go on; nothing where it was asked for and is done."""
    if found is None:
        return
    if found.compared:
        print_heading(phrase("Read otherwise than by import {batch}", batch=_short(found)))
        rows = [(_named(one), f"{one.deals:,}", *_example(one)) for one in found.kinds[:_SHOWN]]
        print_table((phrase("What"), ">Deals", phrase("Such as"), phrase("Was"), phrase("Now")), rows, indent=2)
    if found.only_undone:
        say(
            phrase(
                "Facts of an event log are known by their instants, so these would stand twice: take the earlier import back"
                " with `dealflow import undo {batch}`, and import again.",
                batch=_short(found),
            )
        )
    elif is_stopped or is_dry:
        say(
            phrase(
                "Two ways to go on: --reread reads these deals anew, with corrections on record; or take the earlier import"
                " back with `dealflow import undo {batch}`, and import again.",
                batch=_short(found),
            )
        )


def print_before_record(imports: int) -> None:
    """That nobody can say how deals were read before imports were on record."""
    if imports:
        say(
            reader().counted(
                "{n} earlier import of this source is of a time before imports were on record: whether its deals would be"
                " read otherwise now is not known",
                "{n} earlier imports of this source are of a time before imports were on record: whether their deals would be"
                " read otherwise now is not known",
                imports,
            )
        )


def _named(one: ReadOtherwiseKind) -> Phrase:
    name = _fact(one.name)
    match one.what:
        case "date":
            return phrase("Date of {fact}", fact=name)
        case "attributes":
            return phrase("Attribute {name}", name=one.name)
        case "field":
            return phrase("Field {field} of {fact}", field=one.part, fact=name)
        case "fact":
            return phrase("{part} of {fact}", part=one.part, fact=name)
        case "fact_gone":
            return phrase("No more: {fact}", fact=name)
        case "fact_new":
            return phrase("New: {fact}", fact=name)
    return _PARTS[one.what]


def _fact(name: str) -> Phrase | str:
    if name == "opened":
        return phrase("the opening")
    kind, _, its = name.partition(" ")
    return phrase("{kind} {name}", kind=_KINDS[kind], name=its) if kind in _KINDS and its else name


def _example(one: ReadOtherwiseKind) -> tuple[str, str, str]:
    first = one.first[0]
    if one.what not in ("date", "fact_gone", "fact_new"):
        return first.deal_id, first.was, first.now
    was, now = (datetime.fromisoformat(value) if value else None for value in (first.was, first.now))
    if was and now and reader().day(was) == reader().day(now):
        return first.deal_id, reader().time(was), reader().time(now)
    return first.deal_id, reader().day(was) if was else "", reader().day(now) if now else ""


def _short(found: ReadOtherwise) -> str:
    digest, dash, number = found.batch.rpartition("/")[2].partition("-")
    return f"{digest[:_DIGEST]}{dash}{number}"
