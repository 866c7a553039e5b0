"""That nothing fits what a list was asked for, where an empty table would leave it open whether anybody had looked."""

from typing import TYPE_CHECKING

from dealflow.cli.output import reader
from dealflow.domain.values.phrase import Phrase, phrase
from dealflow.wording.terms import term

if TYPE_CHECKING:
    # `deal show` lists nothing.
    from dealflow.application.reading.board import DealQuery
    from dealflow.application.reading.stalls import StallQuery

_ASKED = {
    "owner": phrase("owner"),
    "director": phrase("director"),
    "stage": phrase("stage"),
    "position": phrase("position"),
    "process": phrase("process"),
    "customer": phrase("customer"),
    "deal_id": phrase("deal"),
}


def no_deal_fits(wanted: "DealQuery") -> str:
    """How many deals there are of those that were asked for: none."""
    asked = [*_names(wanted), *_flags(wanted)]
    if wanted.in_progress is None:
        return _said(phrase("0 deals fit"), asked)
    if not wanted.in_progress:
        return _said(phrase("0 closed deals fit"), asked)
    return _said(phrase("0 deals in progress fit"), asked, phrase("--all lists closed ones too"))


def no_stall_fits(wanted: "StallQuery") -> str:
    """The same for stalls, or for escalations."""
    what = {
        (True, True): phrase("0 open escalations fit"),
        (True, False): phrase("0 open stalls fit"),
        (False, True): phrase("0 escalations fit"),
        (False, False): phrase("0 stalls fit"),
    }[wanted.open_only, wanted.escalated_only]
    more = phrase("--all lists those that have ended too") if wanted.open_only else None
    return _said(what, list(_names(wanted)), more)


def _said(what: Phrase, asked: list[Phrase], more: Phrase | None = None) -> str:
    said = phrase("{what}: {asked}", what=what, asked=asked) if asked else what
    return reader().t(phrase("{said}; {more}", said=said, more=more) if more else said)


def _names(wanted: "DealQuery | StallQuery") -> list[Phrase]:
    given = ((what, getattr(wanted, name, None)) for name, what in _ASKED.items())
    return [phrase("{what} {name}", what=what, name=name) for what, name in given if name is not None]


def _flags(wanted: "DealQuery") -> list[Phrase]:
    found: list[Phrase] = []
    if wanted.outcome is not None:
        found.append(phrase("{what} {name}", what=phrase("outcome"), name=term("outcome", wanted.outcome)))
    if wanted.gap is not None:
        found.append(phrase("{what} {name}", what=phrase("gap"), name=f"{wanted.gap:+d}"))
    found += [phrase("stalled")] if wanted.stalled else []
    found += [phrase("proof lost")] if wanted.proof_lost else []
    found += [phrase("with evidence set aside")] if wanted.set_aside else []
    return found
