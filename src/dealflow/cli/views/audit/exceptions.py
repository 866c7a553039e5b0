"""Exceptions as a person reads them: how many of each kind, then each with whose deal it was, who did it, and why."""

from collections.abc import Iterable
from typing import cast

from dealflow.application.audit.exceptions import (
    EXCEPTION_KINDS,
    ExceptionalAct,
    ExceptionKind,
    ExceptionsFound,
)
from dealflow.cli.errors import DONE, WrongUsage
from dealflow.cli.output import note, print_json, reader, say
from dealflow.cli.tables import print_pairs
from dealflow.domain.values.phrase import Phrase, phrase
from dealflow.domain.values.suggest import nearest

_SHOWN = 50
_SAYS: dict[ExceptionKind, Phrase] = {
    "alone": phrase("done alone"),
    "override": phrase("gate overridden"),
    "waiver": phrase("node waived"),
    "win": phrase("won on a person's word"),
    "win_unproven": phrase("won unproven"),
    "win_amended": phrase("amount as won amended"),
    "claim": phrase("outcome claimed by another system"),
    "erasure": phrase("customer erased"),
    "rekey": phrase("key given anew"),
    "one_person": phrase("published by one person"),
    "seal": phrase("seal begun anew, or by another key"),
    "undo": phrase("import taken back"),
}


def kinds_of(given: Iterable[str]) -> tuple[ExceptionKind, ...]:
    """The kinds that were named; WrongUsage for one that there is not."""
    for each in given:
        if each not in EXCEPTION_KINDS:
            near = nearest(each, EXCEPTION_KINDS)
            raise WrongUsage(
                phrase("--kind '{given}' is not known; did you mean '{near}'?", given=each, near=near)
                if near
                else phrase("--kind '{given}' is not known; one of {known}", given=each, known=EXCEPTION_KINDS)
            )
    return tuple(cast("ExceptionKind", each) for each in dict.fromkeys(given))


def limit_of(given: int | None) -> int | None:
    """How many are listed: JSON has all, a table some, unless it is said."""
    return given if given is not None or reader().json else _SHOWN


def print_exceptions(found: ExceptionsFound) -> int:
    """Print them."""
    if reader().json:
        print_json(found)
        return DONE
    if not found.whole:
        note(phrase("Of the deals that you see; all of it, with what was done to the store, is for who may `audit`."))
    for stream in found.unreadable:
        note(phrase("{stream} cannot be read whole: what it says is not listed", stream=stream))
    if not found.total:
        say(phrase("No exceptions."))
        return DONE
    print_pairs([(_SAYS[kind], number) for kind, number in found.counts.items()])
    for act in found.acts:
        _print_act(act)
    if len(found.acts) < found.total and found.acts:
        note(
            phrase(
                "{shown} of {total}; --after {last} for the next",
                shown=len(found.acts),
                total=found.total,
                last=found.acts[-1].position,
            )
        )
    return DONE


def _print_act(act: ExceptionalAct) -> None:
    to = reader()
    say("")
    what = to.listed([to.t(_SAYS[kind]) for kind in act.kinds])
    say(f"{to.time(act.at)}  {act.deal or act.about or ''}  {what}".rstrip())
    who = to.t("{actor} for {lent}", actor=act.by, lent=act.on_behalf_of) if act.on_behalf_of else act.by
    say("  " + to.t(phrase("by {who}", who=who)))
    if act.owner is not None:
        say("  " + to.t(phrase("on a deal of {owner}", owner=act.owner)))
    if act.reason:
        say(f"  {act.reason}")
