"""Checks of what a command gives: names that exist, texts that can be kept, times that have come."""

from collections.abc import Iterable
from datetime import UTC, datetime

from dealflow.domain.deal import events as e
from dealflow.domain.deal.context import Context, Mode
from dealflow.domain.deal.events import Origin
from dealflow.domain.process.field_faults import at_most_characters, characters, hidden
from dealflow.domain.values.ids import ONE_SCRIPT, letter_fault, person_fault
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.refusal import Code, CommandRefused, refuse
from dealflow.domain.values.suggest import nearest
from dealflow.domain.values.text.visible import forbidden_character, is_text

MAX_LINE = 300
MAX_NOTE = 10_000
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)


def unknown(code: Code, given: str, known: Iterable[str]) -> CommandRefused:
    """The refusal of a name that does not exist, with the nearest that does."""
    names = list(known)
    return refuse(code, given[:MAX_LINE], given=given[:MAX_LINE], known=names, suggestion=nearest(given, names))


def line(text: str, place: str) -> str:
    """A text of one line that must not be empty, at most 300 characters."""
    checked = note(text, place, most=MAX_LINE)
    if not checked:
        raise refuse(Code.FIELD_MISSING, place, field=place, right=phrase("a text"))
    if "\n" in checked:
        raise refuse(
            Code.TEXT_INVALID, place, field=place, wrong=phrase("more than one line"), right=phrase("one line")
        )
    return checked


def new_id(text: str, place: str, *, by_word: bool = False) -> str:
    """An id that is put on record: one line, without a letter that looks like one of another script beside it."""
    checked = line(text, place)
    if wrong := letter_fault(checked, by_word=by_word):
        raise refuse(Code.TEXT_INVALID, place, field=place, wrong=wrong, right=ONE_SCRIPT)
    return checked


def new_person(text: str, place: str = "person") -> str:
    """The id of a person that no file knows; nobody is called as the engine is."""
    checked = line(text, place)
    if wrong := person_fault(checked):
        raise refuse(Code.TEXT_INVALID, place, field=place, wrong=wrong, right=phrase("the id of a person"))
    return checked


def note(text: str, place: str, *, most: int = MAX_NOTE) -> str:
    """A text that may be empty, of at most `most` characters; what cannot be seen is none."""
    if len(text) > most:
        raise refuse(Code.TEXT_INVALID, place, field=place, wrong=characters(len(text)), right=at_most_characters(most))
    if found := forbidden_character(text):
        right = phrase("text without it")
        raise refuse(Code.TEXT_INVALID, place, field=place, wrong=hidden(found), right=right)
    return text.strip() if is_text(text) else ""


def reason(text: str, known: Iterable[str] = ()) -> str:
    """Why a person does this; never empty."""
    checked = note(text, "reason", most=2_000)
    if not checked:
        raise refuse(Code.REASON_NEEDED, known=list(known) or None)
    return checked


def not_applied(claim: str, why: str, origin: e.Origin | None, context: Context) -> e.ClaimNotApplied:
    """What another system says, and what changes nothing: on record, so that it is said once."""
    return e.ClaimNotApplied(effective_at=context.at, origin=origin, claim=claim, why=why)


def agrees(claim: str, origin: e.Origin | None, context: Context) -> e.ClaimAgrees:
    """What another system says, and what is so already."""
    return e.ClaimAgrees(effective_at=context.at, origin=origin, claim=claim)


def observed(given: datetime | None, context: Context, place: str = "observed_at") -> datetime:
    """When a fact happened, in UTC: the given instant, else now. Refused in the future and before calendars begin."""
    if given is None:
        return context.at
    if given > context.at and context.mode is Mode.LIVE:
        raise refuse(Code.TIME_IN_FUTURE, place, given=given, now=context.at)
    if given < EARLIEST:
        raise refuse(
            Code.FIELD_INVALID,
            place,
            field=place,
            wrong=phrase("the year {year}", year=given.year),
            right=phrase("a time after {year}", year=EARLIEST.year),
        )
    return given.astimezone(UTC)


def person(given: str, context: Context, origin: Origin | None = None) -> str:
    """Someone of people.yaml; where there is none, and for what another system says, anyone."""
    organisation = context.organisation
    is_ours = context.mode is Mode.LIVE and origin is None
    if is_ours and organisation.declared and given not in organisation.people:
        raise unknown(Code.UNKNOWN_PERSON, given, organisation.people)
    return new_person(given) if is_ours and given not in organisation.people else line(given, "person")
